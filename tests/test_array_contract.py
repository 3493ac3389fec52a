"""The contract of arrays: whatever holds the same pixels gets the same answer, and stays as it is.

Forms, dtypes, orders, strides, read-only memory and memory maps, drawn by hypothesis, for the
classifier and for the transformers.
"""

from __future__ import annotations

import tempfile
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ferclassifier import (
    FERClassifier,
    HistogramEqualizer,
    ImageAugmenter,
    ImageResizer,
    PixelScaler,
)

SIDE = 12
SHARED = settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

FORMS = {
    "images": lambda X: X,
    "one channel": lambda X: X[..., None],
    "rows": lambda X: X.reshape(len(X), -1),
}
CONTAINERS = {
    **FORMS,
    "list of images": list,
    "rows in a DataFrame": lambda X: pd.DataFrame(X.reshape(len(X), -1)),
    "arrays in a Series": lambda X: pd.Series(list(X)),
}
DTYPES = ["uint8", "int16", "uint16", "int32", "int64", "uint64", "float32", "float64"]


def in_fortran_order(X: np.ndarray) -> np.ndarray:
    return np.asfortranarray(X)


def strided(X: np.ndarray) -> np.ndarray:
    """The same values, every second of an array that has others between them."""
    wide = np.full((2 * len(X), *X.shape[1:]), 7, X.dtype)
    wide[::2] = X
    return wide[::2]


def backwards(X: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(X[..., ::-1])[..., ::-1]


def big_endian(X: np.ndarray) -> np.ndarray:
    return X.astype(X.dtype.newbyteorder(">"))


def read_only(X: np.ndarray) -> np.ndarray:
    X = X.copy()
    X.flags.writeable = False
    return X


def mapped(X: np.ndarray) -> np.ndarray:
    with tempfile.NamedTemporaryFile(suffix=".npy") as file:
        np.save(file.name, X)
        return np.load(file.name, mmap_mode="r")


MEMORIES = [np.copy, in_fortran_order, strided, backwards, big_endian, read_only, mapped]


@st.composite
def batches(draw: Any) -> np.ndarray:
    """Some images of bytes, with white and black in each: of others, floats may mean two things."""
    n = draw(st.integers(2, 4))
    X = draw(hnp.arrays(np.uint8, (n, SIDE, SIDE)))
    X[:, 0, 0], X[:, 0, 1] = 0, 255
    return X


@given(
    X=batches(),
    memory=st.sampled_from(MEMORIES),
    dtype=st.sampled_from(DTYPES),
    form=st.sampled_from(sorted(FORMS)),
)
@SHARED
def test_equal_pixels_are_predicted_equally(
    fitted: FERClassifier, X: np.ndarray, memory: Any, dtype: str, form: str
) -> None:
    given_ = memory(FORMS[form](X).astype(dtype))
    before = given_.tobytes()
    np.testing.assert_array_equal(fitted.predict_proba(given_), fitted.predict_proba(X))
    assert given_.tobytes() == before


@given(X=batches(), dtype=st.sampled_from(DTYPES), container=st.sampled_from(sorted(CONTAINERS)))
@SHARED
def test_containers_are_predicted_equally(
    fitted: FERClassifier, X: np.ndarray, dtype: str, container: str
) -> None:
    found = fitted.predict_proba(CONTAINERS[container](X.astype(dtype)))
    np.testing.assert_array_equal(found, fitted.predict_proba(X))


TRANSFORMERS = {
    "resizer": ImageResizer((SIDE + 3, SIDE - 3)),
    "same size": ImageResizer((SIDE, SIDE)),
    "unit": PixelScaler("unit"),
    "standard": PixelScaler("standard"),
    "global": HistogramEqualizer("global"),
    "clahe": HistogramEqualizer("clahe", tile_grid=(2, 3)),
}


@pytest.mark.parametrize("name", TRANSFORMERS)
@given(
    X=batches(),
    memory=st.sampled_from(MEMORIES),
    dtype=st.sampled_from(DTYPES),
    form=st.sampled_from(sorted(FORMS)),
)
@SHARED
def test_transformers_keep_the_form_and_the_input(
    name: str, X: np.ndarray, memory: Any, dtype: str, form: str
) -> None:
    """What comes of images, of images with a channel and of rows is the same, in that form."""
    transformer = TRANSFORMERS[name]
    plain = X.astype(dtype)
    expected = transformer.fit_transform(plain)
    given_ = memory(FORMS[form](plain))
    before = given_.tobytes()
    found = transformer.fit_transform(given_)
    np.testing.assert_array_equal(found, FORMS[form](expected))
    assert found.dtype.newbyteorder("=") == expected.dtype
    assert found.flags.writeable
    assert not np.shares_memory(found, given_)
    assert given_.tobytes() == before


@given(X=batches(), seed=st.integers(0, 2**31), dtype=st.sampled_from(DTYPES))
@SHARED
def test_samplers_keep_the_form(X: np.ndarray, seed: int, dtype: str) -> None:
    y = np.arange(len(X)) % 2
    made = {
        form: ImageAugmenter(random_state=seed).fit_resample(convert(X.astype(dtype)), y)
        for form, convert in FORMS.items()
    }
    images, labels = made["images"]
    for form, (found, its_labels) in made.items():
        np.testing.assert_array_equal(found, FORMS[form](images))
        np.testing.assert_array_equal(its_labels, labels)
        assert found.dtype == dtype
