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
_numba_code, _numba_types = cast(Any, cgutils), cast(Any, types)


def _prefetch(_typing: Any, array: Any, place: Any) -> Any:
    """What numba makes of `prefetch`: its type, and how to write its code."""

    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        array, place = signature.args
        places, numbers = [place], [values[1]]
        if isinstance(place, _numba_types.BaseTuple):
            places, numbers = list(place), _numba_code.unpack_tuple(builder, values[1], len(place))
        numbers = [
            context.cast(builder, number, kind, _numba_types.intp)
            for number, kind in zip(numbers, places, strict=True)
        ]
        given = context.make_array(array)(context, builder, values[0])
        where = _numba_code.get_item_pointer(context, builder, array, given, numbers)
        where = builder.bitcast(where, ir.IntType(8).as_pointer())
        said = ir.FunctionType(ir.VoidType(), [where.type, _READ.type, _KEEP.type, _DATA.type])
        instruction = builder.module.declare_intrinsic("llvm.prefetch", [where.type], said)
        builder.call(instruction, [where, _READ, _KEEP, _DATA])
        return context.get_dummy_value()

    return _numba_types.void(array, place), code


prefetch = cast(Callable[[NDArray[Any], int | tuple[int, int]], None], intrinsic(_prefetch))
"""In compiled code only: bring what lies at a place of an array near, without waiting for it. Changes nothing else.

Args:
    array: Of one or two dimensions.
    place: A place in it, not counted from the end. Nothing checks that it is inside; one outside is harmless.
"""
