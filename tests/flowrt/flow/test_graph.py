"""Order, loops, what arrives."""

from __future__ import annotations

from flowrt.node import Message, Signals, Transform, node, setting
from tests.support.flows import Count, Double, Keep, Sort, prepared


@node("test/pass")
class Pass(Transform):
    """Passes anything on."""

    def on_message(self, message: Message) -> Message:
        return message


@node("test/later")
class Later(Transform):
    """Would pass on later."""

    delays = True

    def on_message(self, message: Signals) -> Signals:
        return message


def test_order_is_upstream_first_else_as_written() -> None:
    nodes = {"keep": Keep(), "b": Double(), "a": Double(), "count": Count()}
    graph = prepared(nodes, "count a", "count b", "a keep", "b keep").graph
    assert graph.order == ["count", "b", "a", "keep"]


def test_a_cycle_is_found() -> None:
    nodes = {"a": Double(), "b": Double(), "c": Double()}
    assert [sorted(loop) for loop in prepared(nodes, "a b", "b a", "b c").graph.loops] == [
        ["a", "b"]
    ]


def test_a_node_wired_to_itself_is_a_cycle() -> None:
    assert prepared({"a": Double()}, "a a").graph.loops == [["a"]]


def test_a_delaying_node_breaks_a_cycle() -> None:
    assert prepared({"a": Double(), "later": Later()}, "a later", "later a").graph.loops == []


def test_kinds_pass_through_a_node_that_takes_anything() -> None:
    graph = prepared(
        {"count": Count(), "any": Pass(), "keep": Keep()}, "count any", "any keep"
    ).graph
    assert [graph.carries(edge) for edge in graph.edges] == [{"signals"}, {"signals"}]


def test_signals_pass_through() -> None:
    graph = prepared({"count": Count(), "d": Double(), "keep": Keep()}, "count d", "d keep").graph
    assert [signal.qualified for signal in graph.catalogue("keep")] == ["count.n"]


def test_branches_that_meet_at_a_transform_split() -> None:
    nodes = {"count": Count(), "sort": Sort(), "double": Double(), "keep": Keep()}
    graph = prepared(
        nodes, "count sort", "sort.even double", "sort.odd double", "double keep"
    ).graph
    assert [graph.splits(id) for id in ("count", "sort", "double")] == [False, True, False]


def test_branches_that_meet_at_a_sink_do_not() -> None:
    nodes = {"count": Count(), "double": Double(), "keep": Keep()}
    assert not prepared(nodes, "count double", "count keep", "double keep").graph.splits("count")


def test_two_cycles_are_told_apart_though_one_leads_to_the_other() -> None:
    nodes = {id: Double() for id in "dcba"}
    loops = prepared(nodes, "a b", "b a", "a c", "c d", "d c").graph.loops
    assert [sorted(loop) for loop in loops] == [["c", "d"], ["a", "b"]]


@node("test/choosy")
class Choosy(Transform):
    """Looks at one signal."""

    only: str = setting("Signal.")

    def reads(self) -> frozenset[str]:
        return frozenset({self.only})

    def on_message(self, message: Signals) -> None:
        """Look."""


def test_needs_are_what_all_the_nodes_behind_look_at() -> None:
    nodes = {"count": Count(), "a": Choosy(only="n"), "b": Choosy(only="m")}
    assert prepared(nodes, "count a", "count b").graph.needs("count") == frozenset("nm")


def test_everything_is_needed_where_somebody_looks_at_all_or_nobody_is_known_to() -> None:
    nodes = {"count": Count(), "a": Choosy(only="n"), "keep": Keep()}
    assert prepared(nodes, "count a", "count keep").graph.needs("count") is None
    assert prepared(nodes, "count a").graph.needs("a") is None
