"""Eight numbers at once: what a kernel says of one cell, said of eight in the same instructions.

Numba takes one number at a time where a loop's body is long or its arrays might overlap. An
``Octet`` is a type of number to it: + - * / and ``root`` act on eight, each in its place, so that
formulas read as for one. Arrays hold octets as rows of eight numbers, the last axis, contiguous;
an octet's place counts these rows through all axes before, and is not checked.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba.core import config, types
from numba.core.cgutils import get_or_insert_function, ir
from numba.core.typing import signature
from numba.core.typing.templates import ConcreteTemplate, infer_global
from numba.core.utils import BINOPS_TO_OPERATORS
from numba.extending import intrinsic, lower_builtin, models, register_model
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Octet = FloatArray
"""Without compilation, eight numbers of an array."""
Octets = tuple[Octet, Octet, Octet]
"""Eight vectors."""

SIZE = 8
ROW = ir.VectorType(ir.DoubleType(), SIZE)


class OctetType(types.Type):
    """The type of eight numbers."""

    def __init__(self) -> None:
        super().__init__(name="Octet")


OCTET = OctetType()


@register_model(OctetType)
def _model(manager: Any, kind: Any) -> Any:
    """Eight numbers are one value of the processor."""
    return models.PrimitiveModel(manager, kind, ROW)


def _spread(builder: Any, value: Any) -> Any:
    """A number, eight times; an octet as it is."""
    if value.type == ROW:
        return value
    none = ir.Constant(ROW, ir.Undefined)
    first = builder.insert_element(none, value, ir.Constant(ir.IntType(32), 0))
    everywhere = ir.Constant(ir.VectorType(ir.IntType(32), SIZE), [0] * SIZE)
    return builder.shuffle_vector(first, none, everywhere)


def _define(function: Any, instruction: str) -> None:
    """Let an operator act on octets and numbers, at least one of them an octet."""
    pairs = [(OCTET, OCTET), (OCTET, types.float64), (types.float64, OCTET)]
    cases = [signature(OCTET, *pair) for pair in pairs]
    infer_global(function)(type("OctetTemplate", (ConcreteTemplate,), {"cases": cases}))

    def write(_: Any, builder: Any, __: Any, args: Any) -> Any:
        left, right = (_spread(builder, value) for value in args)
        return getattr(builder, instruction)(left, right)

    for pair in pairs:
        lower_builtin(function, *pair)(write)


for _sign, _instruction in {"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv"}.items():
    _define(BINOPS_TO_OPERATORS[_sign], _instruction)


def _place(context: Any, builder: Any, kind: Any, array: Any, place: Any) -> Any:
    """Pointer to an octet of an array."""
    data = context.make_array(kind)(context, builder, array).data
    at = builder.gep(data, [builder.mul(place, ir.Constant(place.type, SIZE))])
    return builder.bitcast(at, ROW.as_pointer())


def _load(_: Any, array: Any, place: Any) -> tuple[Any, Callable[..., Any]]:
    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_place(context, builder, signature.args[0], *args), align=SIZE)

    return OCTET(array, types.intp), write


def _store(_: Any, value: Any, array: Any, place: Any) -> tuple[Any, Callable[..., Any]]:
    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        at = _place(context, builder, signature.args[1], *args[1:])
        builder.store(args[0], at, align=SIZE)
        return context.get_dummy_value()

    return types.void(OCTET, array, types.intp), write


def _root(_: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
    def write(_: Any, builder: Any, __: Any, args: Any) -> Any:
        kind = ir.FunctionType(ROW, [ROW])
        function = get_or_insert_function(builder.module, kind, f"llvm.sqrt.v{SIZE}f64")
        return builder.call(function, args)

    return OCTET(OCTET), write


def _where_above(
    _: Any, value: Any, least: Any, yes: Any, no: Any
) -> tuple[Any, Callable[..., Any]]:
    def write(_: Any, builder: Any, __: Any, args: Any) -> Any:
        value, least, yes, no = (_spread(builder, number) for number in args)
        return builder.select(builder.fcmp_ordered(">", value, least), yes, no)

    return OCTET(OCTET, types.float64, OCTET, types.float64), write


load = intrinsic(_load)
"""``load(array, place)``: an octet of an array."""
store = intrinsic(_store)
"""``store(octet, array, place)``: overwrite an octet of an array."""
root = intrinsic(_root)
"""``root(octet)``: square roots."""
where_above = intrinsic(_where_above)
"""``where_above(octet, least, yes, no)``: ``yes`` where ``octet`` is above ``least``, else ``no``,
which is a number as ``least`` is."""

if config.DISABLE_JIT:

    def load(array: FloatArray, place: int) -> Octet:
        """As above, without compilation."""
        return array.reshape(-1, SIZE)[place].copy()

    def store(octet: Octet, array: FloatArray, place: int) -> None:
        """As above, without compilation."""
        array.reshape(-1, SIZE)[place] = octet

    def root(octet: Octet) -> Octet:
        """As above, without compilation."""
        return np.sqrt(octet)

    def where_above(octet: Octet, least: float, yes: Octet, no: float) -> Octet:
        """As above, without compilation."""
        return np.where(octet > least, yes, no)
