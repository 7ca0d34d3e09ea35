"""The operators of expressions, on numbers only, none of which can take long or much memory.

Python's integers have no bound: `4000000 ** 4000000` would hold up every flow for minutes, and
`"%999999999d" % 1` fill the memory. Here a whole number beyond 64 bits goes on as a float.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any, Final

from simpleeval import DEFAULT_OPERATORS  # type: ignore[import-untyped]  # it has no type hints

from flowrt.node import NodeFault

__all__ = ["OPERATORS", "rounded"]

_LARGEST: Final = 2**64
_MOST_DIGITS: Final = 20


def _bounded(symbol: str, compute: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def computed(left: Any, right: Any) -> Any:
        for operand in (left, right):
            if not isinstance(operand, int | float):
                kind = {"str": "a text", "list": "a pattern"}.get(type(operand).__name__, "none")
                raise NodeFault(f"{symbol} takes numbers, not {kind}")
        result = compute(_tamed(left), _tamed(right))
        return _tamed(result)

    return computed


def _tamed(number: Any) -> Any:
    is_large = isinstance(number, int) and not -_LARGEST <= number <= _LARGEST
    return float(number) if is_large else number


def _power(base: Any, exponent: Any) -> Any:
    if isinstance(base, int) and isinstance(exponent, int) and 0 <= exponent <= _LARGEST:
        small = abs(base) <= 1 or base.bit_length() * exponent <= 64
        return base**exponent if small else float(base) ** exponent
    result = float(base) ** float(exponent)
    if isinstance(result, complex):
        raise NodeFault(f"{base:g} ** {exponent:g} is no real number")
    return result


def _shifted(shift: Callable[[int, int], int]) -> Callable[[Any, Any], Any]:
    def shifted(number: Any, by: Any) -> Any:
        if not 0 <= by <= 64:
            raise NodeFault(f"a shift may be by 0 to 64 bits, not by {by}")
        return shift(number, by)

    return shifted


def rounded(number: Any, digits: Any = None) -> Any:
    """`round`; at most 20 digits, as Python would compute 10 to the power of any."""
    if digits is not None and not -_MOST_DIGITS <= digits <= _MOST_DIGITS:
        raise NodeFault(f"round takes -{_MOST_DIGITS} to {_MOST_DIGITS} digits, not {digits}")
    return round(number, digits)


OPERATORS: Final[dict[type[ast.AST], Callable[..., Any]]] = {
    **DEFAULT_OPERATORS,
    ast.Add: _bounded("+", operator.add),
    ast.Sub: _bounded("-", operator.sub),
    ast.Mult: _bounded("*", operator.mul),
    ast.Div: _bounded("/", operator.truediv),
    ast.FloorDiv: _bounded("//", operator.floordiv),
    ast.Mod: _bounded("%", operator.mod),
    ast.Pow: _bounded("**", _power),
    ast.LShift: _bounded("<<", _shifted(operator.lshift)),
    ast.RShift: _bounded(">>", _shifted(operator.rshift)),
}
