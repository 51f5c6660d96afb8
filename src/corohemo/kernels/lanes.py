"""Products of 4x4 blocks, four numbers in one instruction.

Numba keeps to one number at a time in straight code, which leaves three quarters of the processor
unused in small blocks. These functions say what a row of four is. Blocks are rows of sixteen
numbers in contiguous arrays, as in ``corohemo.kernels.blocks``; their numbers are not checked.
"""

from collections.abc import Callable
from typing import Any

from numba.core import cgutils, config, types
from numba.core.cgutils import ir
from numba.extending import intrinsic

WIDTH = 4
CONTRACT = ("contract",)


class Lanes:
    """Writes instructions on rows of four numbers of one type."""

    def __init__(self, context: Any, builder: Any, kind: Any) -> None:
        self.context, self.builder = context, builder
        self.row = ir.VectorType(context.get_value_type(kind), WIDTH)
        self.size = kind.bitwidth // 8

    def block(self, kind: Any, array: Any, place: Any) -> Any:
        """Where a block of an array begins."""
        return self.entry(
            self.context.make_array(kind)(self.context, self.builder, array), place, WIDTH**2
        )

    def entry(self, array: Any, place: Any, size: int) -> Any:
        """Where the group number ``place`` of ``size`` numbers of an array begins."""
        at = self.builder.mul(place, ir.Constant(place.type, size))
        return self.builder.gep(array.data, [at])

    def _at(self, block: Any, offset: int) -> Any:
        return self.builder.gep(block, [ir.Constant(ir.IntType(64), offset)])

    def load(self, block: Any, row: int) -> Any:
        """A row of a block."""
        place = self.builder.bitcast(self._at(block, WIDTH * row), self.row.as_pointer())
        return self.builder.load(place, align=self.size)

    def store(self, values: Any, block: Any, row: int) -> None:
        """Overwrite a row of a block."""
        place = self.builder.bitcast(self._at(block, WIDTH * row), self.row.as_pointer())
        self.builder.store(values, place, align=self.size)

    def number(self, block: Any, offset: int) -> Any:
        """A number of a block."""
        return self.builder.load(self._at(block, offset))

    def room(self) -> Any:
        """Room for a row of zeros."""
        return cgutils.alloca_once_value(self.builder, ir.Constant(self.row, [0.0] * WIDTH))

    def element(self, row: Any, place: int) -> Any:
        """A number of a row."""
        return self.builder.extract_element(row, ir.Constant(ir.IntType(32), place))

    def replaced(self, row: Any, value: Any, place: int) -> Any:
        """A row with another number at ``place``."""
        return self.builder.insert_element(row, value, ir.Constant(ir.IntType(32), place))

    def spread(self, block: Any, offset: int) -> Any:
        """A number of a block, four times."""
        none = ir.Constant(self.row, ir.Undefined)
        value = self.replaced(none, self.number(block, offset), 0)
        everywhere = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
        return self.builder.shuffle_vector(value, none, everywhere)


def _products(context: Any, builder: Any, signature: Any, args: Any, *, is_taken_off: bool) -> Any:
    """Set or lower a block by the product of two others, row by row."""
    kinds = signature.args
    lanes = Lanes(context, builder, kinds[0].dtype)
    left, right, result = (lanes.block(kinds[i], args[i], args[i + 1]) for i in (0, 2, 4))
    rows = [lanes.load(right, r) for r in range(WIDTH)]
    for r in range(WIDTH):
        total = lanes.load(result, r) if is_taken_off else None
        for c in range(WIDTH):
            product = builder.fmul(lanes.spread(left, WIDTH * r + c), rows[c], flags=CONTRACT)
            if total is None:
                total = product
            elif is_taken_off:
                total = builder.fsub(total, product, flags=CONTRACT)
            else:
                total = builder.fadd(total, product, flags=CONTRACT)
        lanes.store(total, result, r)
    return context.get_dummy_value()


def _operation(*, is_taken_off: bool) -> Callable[..., Any]:
    def typed(
        _: Any, left: Any, i: Any, right: Any, j: Any, result: Any, k: Any
    ) -> tuple[Any, Any]:
        signature = types.void(left, types.intp, right, types.intp, result, types.intp)

        def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return _products(context, builder, signature, args, is_taken_off=is_taken_off)

        return signature, write

    return typed


set_product = intrinsic(_operation(is_taken_off=False))
"""``set_product(left, i, right, j, result, k)``: block k of ``result`` becomes block i of ``left``
times block j of ``right``, another array."""
subtract_product = intrinsic(_operation(is_taken_off=True))
"""``subtract_product(left, i, right, j, result, k)``: takes the same product off that block."""

if config.DISABLE_JIT:

    def _product(left: Any, i: int, right: Any, j: int) -> Any:
        return (left[i].reshape(WIDTH, WIDTH) @ right[j].reshape(WIDTH, WIDTH)).ravel()

    def set_product(left: Any, i: int, right: Any, j: int, result: Any, k: int) -> None:
        """As above, without compilation."""
        result[k] = _product(left, i, right, j)

    def subtract_product(left: Any, i: int, right: Any, j: int, result: Any, k: int) -> None:
        """As above, without compilation."""
        result[k] -= _product(left, i, right, j)
