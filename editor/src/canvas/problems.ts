/** The problems of one node, resource or wire of the drawing. */

import { useMemo } from "react";
import { activeTab, useStore } from "../app/store";
import { parsePlace } from "../model/place";

/** Each problem of the drawing that is shown, with what it is at. */
export function usePlacedProblems() {
  const problems = useStore((state) => activeTab(state)?.problems);
  const document = useStore((state) => activeTab(state)?.history.present.document);
  return useMemo(
    () =>
      (problems ?? []).map((problem) => ({
        ...problem,
        at: document ? parsePlace(problem.place, document) : { path: [] },
      })),
    [problems, document],
  );
}

const byTab = new WeakMap<object, Map<string, string[]>>();

/** The sentences about one node; the list is made once for all cards. */
export function useProblemsAt(id: string): string[] {
  const problems = useStore((state) => activeTab(state)?.problems);
  const document = useStore((state) => activeTab(state)?.history.present.document);
  if (!problems || !document) return NONE;
  let byNode = byTab.get(problems);
  if (!byNode) {
    byNode = new Map();
    for (const problem of problems) {
      const { node } = parsePlace(problem.place, document);
      if (node) byNode.set(node, [...(byNode.get(node) ?? []), problem.sentence]);
    }
    byTab.set(problems, byNode);
  }
  return byNode.get(id) ?? NONE;
}

const NONE: string[] = [];
