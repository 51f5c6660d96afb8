"""Sum of the blocks of two functions of a flow form over the points of a cell.

In a point a test function has eight rows t of four numbers, a trial function three rows f. With
V = f[0], X = f[1] and m = f[2, 0], their block has the rows

    A[r] = t[r] * V + t[4, r] X + same e_r      for the three velocities,
    A[3] = t[3] * V + t[4, 3] X + m t[5]        for the pressure,

where same = t[7] . (f[2, 1], m, t[5] . X), and t[6] * X' is added to the last column, X' being X
with t[5] . X as its last number. ``corohemo.kernels.flow_jacobian`` says what they are.
"""

from typing import Any

import numpy as np
from numba.core import cgutils, config, types
from numba.core.cgutils import ir
from numba.extending import intrinsic
from numpy.typing import NDArray

from corohemo.kernels.lanes import CONTRACT, WIDTH, Lanes

FloatArray = NDArray[np.float64]

N_TEST, N_TRIAL = 32, 12
"""Numbers of a test and of a trial function in a point."""


class _Sum:
    """Instructions of one point."""

    def __init__(self, lanes: Lanes) -> None:
        self.lanes, self.builder = lanes, lanes.builder
        self.rows = [lanes.room() for _ in range(WIDTH)]
        self.last, self.same = (
            lanes.room(),
            cgutils.alloca_once_value(lanes.builder, ir.Constant(lanes.row.element, 0.0)),
        )

    def multiply_add(self, a: Any, b: Any, total: Any) -> Any:
        """Sum of ``total`` and the product of two rows or numbers."""
        product = self.builder.fmul(a, b, flags=CONTRACT)
        return self.builder.fadd(total, product, flags=CONTRACT)

    def add_to(self, room: Any, a: Any, b: Any) -> None:
        """Add a b to what is kept in ``room``."""
        self.builder.store(self.multiply_add(a, b, self.builder.load(room)), room)

    def add_point(self, test: Any, trial: Any) -> None:
        """Add what one point brings."""
        lanes, builder = self.lanes, self.builder
        v, x, g = lanes.load(trial, 0), lanes.load(trial, 1), lanes.load(test, 5)
        through = builder.fmul(g, x, flags=CONTRACT)
        product = lanes.element(through, 0)
        for r in (1, 2):
            product = builder.fadd(product, lanes.element(through, r), flags=CONTRACT)
        for r in range(WIDTH):
            self.add_to(self.rows[r], lanes.load(test, r), v)
            self.add_to(self.rows[r], lanes.spread(test, 4 * WIDTH + r), x)
        self.add_to(self.rows[3], lanes.spread(trial, 2 * WIDTH), g)
        self.add_to(self.last, lanes.load(test, 6), lanes.replaced(x, product, 3))
        for r, factor in enumerate((lanes.number(trial, 9), lanes.number(trial, 8), product)):
            self.add_to(self.same, lanes.number(test, 7 * WIDTH + r), factor)

    def finish(self, block: Any) -> None:
        """Write the block."""
        lanes, builder = self.lanes, self.builder
        same, last = builder.load(self.same), builder.load(self.last)
        for r in range(WIDTH):
            row = builder.load(self.rows[r])
            for place, more in [(r, same)] * (r < 3) + [(3, lanes.element(last, r))]:
                total = builder.fadd(lanes.element(row, place), more, flags=CONTRACT)
                row = lanes.replaced(row, total, place)
            lanes.store(row, block, r)


def _sum_pair(_: Any, tests: Any, i: Any, trials: Any, j: Any, block: Any) -> tuple[Any, Any]:
    signature = types.void(tests, types.intp, trials, types.intp, block)

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kinds = signature.args
        lanes = Lanes(context, builder, kinds[0].dtype)
        test_array, trial_array = (
            context.make_array(kinds[k])(context, builder, args[k]) for k in (0, 2)
        )
        count = cgutils.unpack_tuple(builder, test_array.shape)[1]
        first_test = builder.mul(args[1], count)
        first_trial = builder.mul(args[3], count)
        total = _Sum(lanes)
        with cgutils.for_range(builder, count) as loop:
            test = lanes.entry(test_array, builder.add(first_test, loop.index), N_TEST)
            trial = lanes.entry(trial_array, builder.add(first_trial, loop.index), N_TRIAL)
            total.add_point(test, trial)
        result = context.make_array(kinds[4])(context, builder, args[4])
        total.finish(lanes.entry(result, ir.Constant(ir.IntType(64), 0), WIDTH**2))
        return context.get_dummy_value()

    return signature, write


sum_pair = intrinsic(_sum_pair)
"""``sum_pair(tests, i, trials, j, block)``: function i of ``tests`` (n, points, 32) with function j
of ``trials`` (n, points, 12), into ``block`` (16,)."""

if config.DISABLE_JIT:

    def sum_pair(tests: FloatArray, i: int, trials: FloatArray, j: int, block: FloatArray) -> None:
        """As above, without compilation."""
        total = np.zeros((WIDTH, WIDTH))
        for t, f in zip(tests[i].reshape(-1, 8, 4), trials[j].reshape(-1, 3, 4), strict=True):
            extended = np.append(f[1, :3], t[5, :3] @ f[1, :3])
            same = t[7, :3] @ [f[2, 1], f[2, 0], extended[3]]
            total += t[:4] * f[0] + t[4][:, None] * f[1] + np.diag([same] * 3 + [0.0])
            total[3] += f[2, 0] * t[5]
            total[:, 3] += t[6] * extended
        block[:] = total.ravel()
