import numpy as np
import pytest
from numba.core.errors import NumbaError
from numpy.typing import NDArray

from resolver.linkage.compiled import compiled, kernel


def test_a_kernel_reads_and_writes_the_arrays_it_is_given() -> None:
    @kernel
    def double(values: NDArray[np.int64], out: NDArray[np.int64]) -> int:
        for place in range(values.shape[0]):
            out[place] = 2 * values[place]
        return values.shape[0]

    out = np.zeros(3, np.int64)
    assert double(np.array([1, 2, 3]), out) == 3
    assert out.tolist() == [2, 4, 6]


def test_a_kernel_that_makes_an_array_does_not_compile() -> None:
    @kernel
    def total(n: int) -> float:
        return float(np.ones(n).sum())

    with pytest.raises(NumbaError):
        total(3)


def test_a_kernel_that_would_give_an_array_back_is_refused() -> None:
    with pytest.raises(TypeError, match="first_half returns"):

        @kernel
        def first_half(values: NDArray[np.int64]) -> NDArray[np.int64]:
            return values[: values.shape[0] // 2]


def test_compiled_functions_may_make_arrays_though_a_kernel_calls_their_like() -> None:
    @compiled
    def ones(n: int) -> NDArray[np.float64]:
        return np.ones(n)

    assert ones(2).tolist() == [1.0, 1.0]
