/** Which card stands above which: few wires cross, ports counted, and else the order of the file. */

import type { EdgeLabel, Graph, GraphLabel, NodeLabel } from "@dagrejs/dagre";

/** Cards in columns, as dagre has them. */
export type Columns = Graph<GraphLabel, NodeLabel, EdgeLabel>;

/** Where a wire leaves and enters: 0 is a card's top, 1 its lower edge. */
export interface Ends {
  out: number;
  in: number;
}

/** The ends of the wire between two nodes; undefined where there is none, or it runs backwards. */
export type EndsOf = (from: string, to: string) => Ends | undefined;

const MIDDLE: Ends = { out: 0.5, in: 0.5 };

/** A wire from one column to the next, by the ends' ids. */
interface Link extends Ends {
  from: string;
  to: string;
}

type Column = string[];

/** Sweeps over the columns from each order to begin with. */
const SWEEPS = 8;
/** The most pieces of wires for which there is time to sweep, and to try each swap of two neighbours. */
const MOST_SWEPT = 300;
const MOST_SWAPPED = 90;

/** Take the best of some orders: dagre's, that upside down, and the file's, each swept to and fro. */
export function orderColumns(
  graph: Columns,
  given: (graph: Columns) => void,
  endsOf: EndsOf,
): void {
  given(graph);
  if (graph.edgeCount() > MOST_SWEPT) return;
  const columns = columnsOf(graph);
  const links = linksOf(graph, endsOf);
  const place = placesOf(graph);
  const cost = (order: Column[]) => costOf(order, links, place);
  const begun = [
    columns.map((column) => column.toSorted((a, b) => place(a) - place(b))),
    columns,
    columns.map((column) => column.toReversed()),
  ];
  const found = cheapest(
    begun.flatMap((start) => swept(start, links)),
    cost,
  );
  const best = graph.edgeCount() > MOST_SWAPPED ? found : swapped(found, links, cost);
  for (const column of best) for (const [at, id] of column.entries()) graph.node(id).order = at;
}

/** Better orders that are one swap of neighbours and some sweeps away, for as long as there are any. */
function swapped(order: Column[], links: Link[], cost: (order: Column[]) => number): Column[] {
  const tried = order.flatMap((column, rank) =>
    column
      .slice(1)
      .flatMap((_, at) =>
        swept(
          order.with(rank, column.with(at, column[at + 1] ?? "").with(at + 1, column[at] ?? "")),
          links,
        ),
      ),
  );
  const best = cheapest([order, ...tried], cost);
  return best === order ? order : swapped(best, links, cost);
}

function cheapest(orders: Column[][], cost: (order: Column[]) => number): Column[] {
  return orders
    .map((order) => ({ order, cost: cost(order) }))
    .reduce((a, b) => (b.cost < a.cost ? b : a)).order;
}

function columnsOf(graph: Columns): Column[] {
  const columns: Column[] = [];
  for (const id of graph.nodes()) {
    const { rank = 0, order = 0 } = graph.node(id);
    const column = columns[rank] ?? [];
    column[order] = id;
    columns[rank] = column;
  }
  return Array.from(columns, (column) => (column ?? []).filter((id) => id !== undefined));
}

/** The wires in pieces, as dagre cuts those that pass a column. */
function linksOf(graph: Columns, endsOf: EndsOf): Link[] {
  return graph.edges().map(({ v, w }) => {
    const [before, after] = [graph.node(v), graph.node(w)];
    const wire = before.edgeObj ?? after.edgeObj ?? { v, w };
    const ends = endsOf(wire.v, wire.w) ?? MIDDLE;
    return {
      from: v,
      to: w,
      out: before.dummy ? MIDDLE.out : ends.out,
      in: after.dummy ? MIDDLE.in : ends.in,
    };
  });
}

/** The place of a node in the file; a piece of a wire is where its ends are. */
function placesOf(graph: Columns): (id: string) => number {
  const real = graph.nodes().filter((id) => !graph.node(id).dummy);
  const index = new Map(real.map((id, at) => [id, at]));
  const of = (id: string) => index.get(id) ?? 0;
  return (id) => {
    const wire = graph.node(id).edgeObj;
    return wire ? (of(wire.v) + of(wire.w)) / 2 : of(id);
  };
}

function swept(start: Column[], links: Link[]): Column[][] {
  const found = [start];
  let order = start;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    order = sweep % 2 === 0 ? sweepRight(order, links) : sweepLeft(order, links);
    found.push(order);
  }
  return found;
}

function sweepRight(order: Column[], links: Link[]): Column[] {
  const done: Column[] = [];
  for (const [at, column] of order.entries()) {
    const before = positions(done[at - 1] ?? []);
    done.push(
      byMean(column, (id) =>
        links.flatMap((link) => {
          const from = link.to === id ? before.get(link.from) : undefined;
          return from === undefined ? [] : [from + link.out];
        }),
      ),
    );
  }
  return done;
}

function sweepLeft(order: Column[], links: Link[]): Column[] {
  const mirrored = links.map(({ from, to, out, in: into }) => ({
    from: to,
    to: from,
    out: into,
    in: out,
  }));
  return sweepRight(order.toReversed(), mirrored).toReversed();
}

/** A column in the order of its neighbours' places; what has none stays where it is. */
function byMean(column: Column, places: (id: string) => number[]): Column {
  const keys = column.map((id, at) => {
    const all = places(id);
    return { id, key: all.length === 0 ? at : all.reduce((a, b) => a + b) / all.length };
  });
  return keys.toSorted((a, b) => a.key - b.key).map(({ id }) => id);
}

/** Crossings first; then pairs that stand the other way round than in the file. */
function costOf(order: Column[], links: Link[], place: (id: string) => number): number {
  const at = new Map(order.flatMap((column) => [...positions(column)]));
  const rank = new Map(order.flatMap((column, index) => column.map((id) => [id, index] as const)));
  const ends = links.map(({ from, to, out, in: into }) => ({
    column: rank.get(from),
    from: (at.get(from) ?? 0) + out,
    to: (at.get(to) ?? 0) + into,
  }));
  const crossings = pairs(ends).filter(
    ([a, b]) => a.column === b.column && (a.from - b.from) * (a.to - b.to) < 0,
  ).length;
  const turned = order.flatMap((column) => pairs(column).filter(([a, b]) => place(a) > place(b)));
  return crossings * 1000 + turned.length;
}

function positions(column: Column): Map<string, number> {
  return new Map(column.map((id, at) => [id, at]));
}

function pairs<T>(all: readonly T[]): [T, T][] {
  return all.flatMap((a, at) => all.slice(at + 1).map((b): [T, T] => [a, b]));
}
