"""Expressions reach nothing of Python, and none holds up a flow or fills the memory."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrt.node import NodeFault, Value
from nodes.logic.expression import Expression, ExpressionError, Missing

VALUES: dict[str, Value] = {"a": 5, "b": 2.0, "c": 2**63, "T": "%1000000d"}


def value(text: str) -> float | bool | str:
    return Expression(text)("s", VALUES)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2 ** 10", 1024),
        ("2 ** 0.5", 2**0.5),
        ("2 ** -1", 0.5),
        ("(-1) ** 1000001", -1),
        ("c * c", float(2**126)),
        ("1 << 40 << 40", float(2**80)),
        ("7 // 2 + 7 % 4", 6),
        ("round(3.14159, 2)", 3.14),
        ("round(1234, -2)", 1200),
        ("a & 4 | 8 ^ 3", 5 & 4 | 8 ^ 3),
    ],
)
def test_numbers_are_computed(text: str, wanted: float) -> None:
    assert value(text) == wanted
    assert type(value(text)) is type(wanted)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("4000000 ** 4000000", "out of range"),
        ("9 ** 9 ** 9", "out of range"),
        ("(-2) ** 0.5", "is no real number"),
        ("1 << 1000000000", "0 to 64 bits, not by 1000000000"),
        ("1 << -1", "0 to 64 bits"),
        ('("%1000000000d") % 1', "% takes numbers, not a text"),
        ("T % a", "% takes numbers, not a text"),
        ("T * 100000", "takes numbers, not a text"),
        ("T + T", "takes numbers, not a text"),
        ("round(5, -1000000000)", "-20 to 20 digits"),
        ("a / 0", "division by zero"),
    ],
)
def test_what_would_take_long_or_much_is_refused_for_this_message(text: str, told: str) -> None:
    with pytest.raises(NodeFault, match=told):
        value(text)


@pytest.mark.parametrize(
    "text",
    [
        *("().__class__", '"".join', "(1).real", "a[0]", "[x for x in a]", "lambda: 1", "(x := 1)"),
        *('f"{a}"', '__import__("os")', 'eval("1")', 'open("/etc/passwd")', "max(*a)", "{1: 2}"),
        *("round(a, ndigits=2)", "1j", "b'x'", "...", "None", "a @ b", "await a", "(yield)"),
        *("1" * 500, "a" * 5000, "+".join("a" * 400), "(" * 300 + "a" + ")" * 300, "a; b", ""),
    ],
)
def test_what_is_no_expression_over_signals_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        Expression(text)


@pytest.mark.parametrize("text", ["a.__class__", "max.__globals__", "abs.__self__", "__builtins__"])
def test_a_dotted_name_is_a_signal_and_nothing_else(text: str) -> None:
    with pytest.raises(Missing):
        value(text)


SIGNS = ("+", "-", "*", "/", "//", "%", "**", "<<", ">>", "&", "|", "^", "<", "==", "and", "or")
CALLS = ("max", "round", "sum", "log")
LEAVES = st.sampled_from(["a", "b", "c", "T", "0", "-1", "2.5", "1e308", "18446744073709551615"])
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(
            "({} {} {})".format,
            inner,
            st.sampled_from(
                [
                    "+",
                    "-",
                    "*",
                    "/",
                    "//",
                    "%",
                    "**",
                    "<<",
                    ">>",
                    "&",
                    "|",
                    "^",
                    "<",
                    "==",
                    "and",
                    "or",
                ]
            ),
            inner,
        ),
        st.builds("{}({}, {})".format, st.sampled_from(CALLS), inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
    ),
    max_leaves=30,
)


@settings(max_examples=300, deadline=500)
@given(EXPRESSIONS)
def test_any_expression_ends_soon_with_a_reading_or_a_stated_error(text: str) -> None:
    try:
        found = value(text)
    except (ExpressionError, NodeFault, Missing):
        return
    assert isinstance(found, float | int | str)


@settings(max_examples=300, deadline=500)
@given(st.text(max_size=200))
def test_any_text_is_an_expression_or_a_stated_error(text: str) -> None:
    with suppress(ExpressionError, NodeFault, Missing):
        value(text)


def test_the_worst_takes_little_memory() -> None:
    script = """
import resource
resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
from nodes.logic.expression import Expression
for text in ("c**9**9", "c*" * 150 + "c", "floor(1e308)*" * 60 + "1", "T<T and T==T"):
    try:
        Expression(text)("s", {"c": 2**63, "T": "x" * 10**6})
    except Exception as error:
        print(type(error).__name__)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, "MemoryError" in done.stdout) == (0, False), done.stderr
