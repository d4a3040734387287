"""Ask for memory some turns of a loop before it is needed.

A record that lies anywhere in a gigabyte takes longer to arrive than to be copied. A processor works ahead by itself,
but only a few hundred instructions, which is one record or two; asked for a dozen records earlier, many are on their
way at once.
"""

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

_READ, _KEEP, _DATA = (ir.Constant(ir.IntType(32), value) for value in (0, 3, 1))


def _prefetch(_typing: Any, array: Any, place: Any) -> Any:
    """Typing and code of `prefetch`, as numba asks for them."""

    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind, places = signature.args
        given = context.make_array(kind)(context, builder, values[0])
        numbers, kinds = [values[1]], [places]
        if isinstance(places, types.BaseTuple):
            numbers, kinds = cgutils.unpack_tuple(builder, values[1], places.count), list(places)
        numbers = [
            context.cast(builder, number, one, types.intp) for number, one in zip(numbers, kinds, strict=True)
        ]
        where = cgutils.get_item_pointer(context, builder, kind, given, numbers)
        where = builder.bitcast(where, ir.IntType(8).as_pointer())
        known = ir.FunctionType(ir.VoidType(), [where.type, *[constant.type for constant in (_READ,) * 3]])
        call = builder.module.declare_intrinsic("llvm.prefetch", [where.type], known)
        builder.call(call, [where, _READ, _KEEP, _DATA])
        return context.get_dummy_value()

    return types.void(array, place), code


prefetch = cast(Callable[[NDArray[Any], int | tuple[int, int]], None], intrinsic(_prefetch))
"""In compiled code only: bring what lies at a place of an array near, without waiting for it. Changes nothing else.

Args:
    array: Of one or two dimensions.
    place: A place in it, not counted from the end. Nothing checks that it is inside; one outside is harmless.
"""
