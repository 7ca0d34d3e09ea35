"""Expressions over signals: `PackVoltage * PackCurrent`, `max("Cell*") - min("Cell*")`.

simpleeval evaluates them; what may be written is narrower than what it allows: no attribute, no
index, no text building. A dotted name such as `State.SOC` is a signal's qualified name; a text in a
call is one as well, "rack1/State.SOC", or a pattern that stands for all readings it matches.
"""

from __future__ import annotations

import ast
import difflib
import math
from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from simpleeval import SimpleEval  # type: ignore[import-untyped]  # it has no type hints

from flowrt.node import Catalogue, NodeFault, Value, split_signal
from nodes.logic.arithmetic import OPERATORS, rounded
from nodes.logic.pick import is_pattern

__all__ = ["Expression", "ExpressionError", "Missing", "unknown_names"]


class ExpressionError(ValueError):
    """An expression cannot be read; says where, and what would help."""


class Missing(LookupError):
    """An operand is not in the message, or not available."""


class Expression:
    """An expression, parsed once; raises ExpressionError.

    `names` are the signals it reads, `patterns` those it reads by wildcard.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._tree = _read(text)
        found = {part.id for part in ast.walk(self._tree) if isinstance(part, ast.Name)}
        self.patterns = frozenset(name for name in found if is_pattern(name))
        self.names = frozenset(found - self.patterns - _FUNCTIONS.keys())
        self._qualified = [(name, *split_signal(name)) for name in self.names if "." in name]
        self._evaluator = SimpleEval(OPERATORS, _FUNCTIONS, {})

    def concerns(self, source: str, values: Collection[str]) -> bool:
        """Whether any of its operands is among a message's signals, or it has none."""
        if not self.names.isdisjoint(values) or not (self.names or self.patterns):
            return True
        if any(head == source and plain in values for _, head, plain in self._qualified):
            return True
        return any(fnmatchcase(name, pattern) for pattern in self.patterns for name in values)

    def __call__(self, source: str, values: Mapping[str, Value]) -> float | bool | str:
        """The result for a message's readings; raises Missing, or NodeFault with the reason."""
        if self._qualified:
            values = {**self._aliases(source, values), **values}
        for name in self.names:
            value = values.get(name)
            if value is None or value != value:
                raise Missing(name)
        self._evaluator.names = values if not self.patterns else self._with_patterns(values)
        try:
            result = self._evaluator.eval(self.text, previously_parsed=self._tree)
        except Exception as error:
            raise NodeFault(f'"{self.text}" cannot be computed: {error}') from error
        return self._sound(result)

    def _aliases(self, source: str, values: Mapping[str, Value]) -> dict[str, Value]:
        """`State.SOC` for the SOC of a message whose source is State."""
        return {name: values.get(plain) for name, head, plain in self._qualified if head == source}

    def _with_patterns(self, values: Mapping[str, Value]) -> dict[str, Any]:
        names: dict[str, Any] = dict(values)
        for pattern in self.patterns:
            names[pattern] = [
                value
                for name, value in values.items()
                if value is not None and value == value and fnmatchcase(name, pattern)
            ]
            if not names[pattern]:
                raise Missing(pattern)
        return names

    def _sound(self, result: Any) -> float | bool | str:
        if isinstance(result, float) and not math.isfinite(result):
            raise NodeFault(f'"{self.text}" gives {result}, which is no reading')
        if isinstance(result, float | int | str):
            return result
        raise NodeFault(f'"{self.text}" gives {type(result).__name__}, not a number, flag or text')


def unknown_names(
    expression: Expression, incoming: Catalogue, also: Collection[str] = ()
) -> Iterator[str]:
    """A sentence for each name that can never come, where that is known."""
    if incoming.open or not len(incoming):
        return
    known = [*incoming.names(), *also]
    for name in sorted((expression.names | expression.patterns) - {*also}):
        if not incoming.find(name):
            near = difflib.get_close_matches(name, known, n=2)
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            yield f'"{expression.text}": no signal "{name}" reaches this node.{hint}'


# --- reading


def _read(text: str) -> ast.expr:
    if len(text) > _LONGEST:
        raise ExpressionError(f"has {len(text)} characters, {_LONGEST} at most. Split it in two.")
    try:
        parsed = ast.parse(text.replace("\0", "?").strip(), mode="eval")
        tree: ast.expr = _Names().visit(parsed.body)
        _admit(tree)
    except SyntaxError as error:
        column = error.offset or len(text) + 1  # 0 stands for the end
        raise ExpressionError(
            f'"{text}" cannot be read at column {column}: {error.msg}.'
        ) from error
    except (RecursionError, MemoryError) as error:
        raise ExpressionError("is nested too deeply. Split it in two.") from error
    return tree


class _Names(ast.NodeTransformer):
    """Makes `State.SOC` one name, and so a text with wildcards that is given to a function."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        inner = self.visit(node.value)
        if not isinstance(inner, ast.Name):
            raise ExpressionError(f'".{node.attr}" may only follow the name of a source.')
        return ast.copy_location(ast.Name(f"{inner.id}.{node.attr}", ast.Load()), node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if not isinstance(node.func, ast.Name) or node.func.id not in _FUNCTIONS:
            called = ast.unparse(node.func)
            raise ExpressionError(f'"{called}" is no function. Known: {", ".join(_FUNCTIONS)}.')
        node.args = [self._argument(argument) for argument in node.args]
        return node

    def _argument(self, argument: ast.expr) -> ast.expr:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            return ast.copy_location(ast.Name(argument.value, ast.Load()), argument)
        visited: ast.expr = self.visit(argument)
        return visited


def _admit(tree: ast.expr) -> None:
    parts = list(ast.walk(tree))
    if len(parts) > _MOST_PARTS:
        raise ExpressionError(f"has {len(parts)} parts, {_MOST_PARTS} at most. Split it in two.")
    for part in parts:
        if isinstance(part, ast.Constant):
            _admit_constant(part.value)
        unknown = isinstance(part, ast.operator) and type(part) not in OPERATORS
        if unknown or not isinstance(part, _ALLOWED):
            what = type(part).__name__.lower()
            raise ExpressionError(
                f'"{ast.unparse(tree)}": {what} is not allowed. '
                "Use numbers, names, operators, comparisons, `a if b else c` and functions."
            )


def _admit_constant(value: object) -> None:
    if not isinstance(value, int | float | str):
        raise ExpressionError(f"{value!r} is neither a number, a text, True nor False.")
    if isinstance(value, int) and value.bit_length() > 64:
        raise ExpressionError(f"a whole number of {value.bit_length()} bits is too large, 64 fit.")


_LONGEST: Final = 1000
_MOST_PARTS: Final = 300
"""Parts of an expression; twenty operators have about sixty."""
_ALLOWED: Final = (
    ast.Name,
    ast.Constant,
    ast.UnaryOp,
    ast.BinOp,
    ast.BoolOp,
    ast.Compare,
    ast.IfExp,
    ast.Call,
    ast.expr_context,
    ast.unaryop,
    ast.operator,
    ast.boolop,
    ast.cmpop,
)


# --- functions: each takes numbers, and lists of them where a pattern stood


def _flat(values: tuple[Any, ...]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            yield from value
        else:
            yield value


def _mean(*values: Any) -> float:
    flat = list(_flat(values))
    return math.fsum(flat) / len(flat)


def _spread(*values: Any) -> Any:
    flat = list(_flat(values))
    return max(flat) - min(flat)


def _clamp(value: Any, low: Any, high: Any) -> Any:
    return max(low, min(high, value))


_FUNCTIONS: Final[dict[str, Any]] = {
    "min": lambda *values: min(_flat(values)),
    "max": lambda *values: max(_flat(values)),
    "sum": lambda *values: math.fsum(_flat(values)),
    "mean": _mean,
    "spread": _spread,
    "count": lambda *values: len(list(_flat(values))),
    "abs": abs,
    "round": rounded,
    "sqrt": math.sqrt,
    "exp": math.exp,
    "log": math.log,
    "floor": math.floor,
    "ceil": math.ceil,
    "clamp": _clamp,
}
