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


def _load_points(_: Any, array: Any, place: Any) -> tuple[Any, Callable[..., Any]]:
    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        first = builder.mul(args[1], ir.Constant(args[1].type, 3))
        at = _place(context, builder, signature.args[0], args[0], first)
        row = ir.VectorType(ir.DoubleType(), 3 * SIZE)
        points = builder.load(builder.bitcast(at, row.as_pointer()), align=SIZE)
        places = ir.VectorType(ir.IntType(32), SIZE)
        columns = [ir.Constant(places, [3 * k + d for k in range(SIZE)]) for d in range(3)]
        parts = [builder.shuffle_vector(points, points, chosen) for chosen in columns]
        return context.make_tuple(builder, signature.return_type, parts)

    return types.containers.UniTuple(OCTET, 3)(array, types.intp), write


def _store(_: Any, value: Any, array: Any, place: Any) -> tuple[Any, Callable[..., Any]]:
    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        at = _place(context, builder, signature.args[1], *args[1:])
        builder.store(args[0], at, align=SIZE)
        return context.get_dummy_value()

    return types.void(OCTET, array, types.intp), write


def _function(name: str) -> Callable[..., Any]:
    """A function of LLVM's of one octet."""

    def typed(_: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
        def write(_: Any, builder: Any, __: Any, args: Any) -> Any:
            kind = ir.FunctionType(ROW, [ROW])
            function = get_or_insert_function(builder.module, kind, f"llvm.{name}.v{SIZE}f64")
            return builder.call(function, args)

        return OCTET(OCTET), write

    return typed


def _where_above(
    _: Any, value: Any, least: Any, yes: Any, no: Any
) -> tuple[Any, Callable[..., Any]]:
    def write(_: Any, builder: Any, __: Any, args: Any) -> Any:
        value, least, yes, no = (_spread(builder, number) for number in args)
        return builder.select(builder.fcmp_ordered(">", value, least), yes, no)

    kinds = [OCTET if kind == OCTET else types.float64 for kind in (value, least, yes, no)]
    return OCTET(*kinds), write


load = intrinsic(_load)
"""``load(array, place)``: an octet of an array."""
load_points = intrinsic(_load_points)
"""``load_points(array, place)``: the points 8 place to 8 place + 7 of an array (n, 3)."""
store = intrinsic(_store)
"""``store(octet, array, place)``: overwrite an octet of an array."""
root = intrinsic(_function("sqrt"))
"""``root(octet)``: square roots."""
magnitude = intrinsic(_function("fabs"))
"""``magnitude(octet)``: absolute values."""
where_above = intrinsic(_where_above)
"""``where_above(value, least, yes, no)``: ``yes`` where ``value`` is above ``least``, else ``no``;
each an octet or a number."""

if config.DISABLE_JIT:

    def load(array: FloatArray, place: int) -> Octet:
        """As above, without compilation."""
        return array.reshape(-1, SIZE)[place].copy()

    def load_points(array: FloatArray, place: int) -> Octets:
        """As above, without compilation."""
        x, y, z = array[SIZE * place : SIZE * (place + 1)].T.copy()
        return x, y, z

    def store(octet: Octet, array: FloatArray, place: int) -> None:
        """As above, without compilation."""
        array.reshape(-1, SIZE)[place] = octet

    def root(octet: Octet) -> Octet:
        """As above, without compilation."""
        return np.sqrt(octet)

    def magnitude(octet: Octet) -> Octet:
        """As above, without compilation."""
        return np.abs(octet)

    def where_above(value: Any, least: Any, yes: Any, no: Any) -> Octet:
        """As above, without compilation."""
        return np.where(value > least, yes, no)
