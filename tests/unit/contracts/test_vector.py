"""Vectors come out of their text bit by bit as they went in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from services.contracts.vector import pack, unpack

ANY_BITS = arrays(
    np.uint32, array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.integers(0, 2**32 - 1)
)


@given(ANY_BITS)
@settings(deadline=None)
def test_every_bit_comes_back_nan_included(bits: NDArray[np.uint32]) -> None:
    matrix = bits.view(np.float32)
    assert np.array_equal(unpack(pack(matrix), matrix.shape[1]).view(np.uint32), bits)


def test_missing_infinite_and_signed_zero() -> None:
    matrix = np.array([[np.nan, np.inf, -np.inf, -0.0, np.finfo(np.float32).tiny]], dtype=np.float32)
    assert unpack(pack(matrix), 5).tobytes() == matrix.tobytes()


def test_rows_of_a_matrix_that_is_not_contiguous() -> None:
    matrix = np.arange(12, dtype=np.float32).reshape(3, 4)
    assert np.array_equal(unpack(pack(matrix.T), 3), matrix.T)
    assert np.array_equal(unpack(pack(matrix[:, ::2]), 2), matrix[:, ::2])


def test_no_rows() -> None:
    assert pack(np.empty((0, 7), dtype=np.float32)) == []
    assert unpack([], 7).shape == (0, 7)


def test_the_text_is_little_endian_base64() -> None:
    assert pack(np.array([[1.0, -2.0]], dtype=np.float32)) == ["AACAPwAAAMA="]


@pytest.mark.parametrize("vector", ["AACAPw==", "AACAPwAAAMAAAIA/", ""])
def test_another_length_is_refused(vector: str) -> None:
    with pytest.raises(ValueError, match="vector: must hold 2 float32 numbers"):
        unpack(["AACAPwAAAMA=", vector], 2)


@pytest.mark.parametrize("vector", ["AACAPwAA AMA=", "AACAPwAA!MA=", "AACAPwAAAMA", "é"])
def test_what_is_not_base64_is_refused(vector: str) -> None:
    with pytest.raises(ValueError, match="vector: is not base64"):
        unpack([vector], 2)
