"""make_faces: its arguments, its randomness, and what can be learned from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ferclassifier import EMOTIONS, make_faces
from ferclassifier.datasets._drawing import _EXPRESSIONS, _LOOKS, Expression, Looks


@pytest.mark.parametrize("n_samples", [1, 7, 100])
def test_shapes_and_types(n_samples: int) -> None:
    images, y = make_faces(n_samples, random_state=0)
    assert images.shape == (n_samples, 48, 48)
    assert images.dtype == np.uint8
    assert y.shape == (n_samples,)
    assert y.dtype == np.array(EMOTIONS).dtype


def test_images_use_the_whole_range() -> None:
    images, _ = make_faces(200, random_state=0)
    assert images.min() == 0
    assert images.max() == 255
    assert 80 < images.mean() < 175
    assert images.std(axis=(1, 2)).min() > 5


@pytest.mark.parametrize("n_classes", range(2, 8))
def test_classes_are_even(n_classes: int) -> None:
    _, y = make_faces(100, n_classes=n_classes, random_state=0)
    names, counts = np.unique(y, return_counts=True)
    assert set(names) == set(EMOTIONS[:n_classes])
    assert counts.max() - counts.min() <= 1
    assert (y[1:] < y[:-1]).any(), "the classes are not in order"


def test_the_same_seed_gives_the_same_faces() -> None:
    images, y = make_faces(50, random_state=3)
    again, y_again = make_faces(50, random_state=3)
    np.testing.assert_array_equal(images, again)
    np.testing.assert_array_equal(y, y_again)
    other, _ = make_faces(50, random_state=4)
    assert (images != other).any()


def test_a_seed_leaves_the_global_random_state_alone() -> None:
    before = np.random.get_state(legacy=False)  # noqa: NPY002
    make_faces(10, random_state=0)
    after = np.random.get_state(legacy=False)  # noqa: NPY002
    assert str(before) == str(after)


def test_other_random_states() -> None:
    state = np.random.RandomState(0)
    first, _ = make_faces(10, random_state=state)
    second, _ = make_faces(10, random_state=state)
    assert (first != second).any()
    images, _ = make_faces(10)
    assert images.shape == (10, 48, 48)


def test_no_two_faces_are_equal() -> None:
    images, _ = make_faces(200, noise=0, random_state=0)
    assert len(np.unique(images.reshape(200, -1), axis=0)) == 200


def test_noise_is_in_the_pixels() -> None:
    def roughness(noise: float) -> float:
        images, _ = make_faces(50, noise=noise, random_state=0)
        return float(np.median(np.abs(np.diff(images.astype(int), n=2, axis=2))))

    assert roughness(0) < roughness(0.5) < roughness(1.5)


@pytest.mark.parametrize("noise", [0, 0.0, 1, 5.0])
def test_any_noise_can_be_drawn(noise: float) -> None:
    images, _ = make_faces(70, noise=noise, random_state=0)
    assert images.shape == (70, 48, 48)


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"n_samples": 0}, ValueError, "n_samples"),
        ({"n_samples": 2.5}, TypeError, "n_samples"),
        ({"n_classes": 1}, ValueError, "n_classes"),
        ({"n_classes": 8}, ValueError, "n_classes"),
        ({"noise": -0.1}, ValueError, "noise"),
        ({"noise": float("nan")}, ValueError, "noise"),
        ({"noise": float("inf")}, ValueError, "noise"),
        ({"noise": "much"}, TypeError, "noise"),
        ({"random_state": "x"}, ValueError, "seed"),
    ],
)
def test_bad_arguments(options: dict[str, Any], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        make_faces(**options)


def test_the_tables_of_the_drawing_fit_its_fields() -> None:
    assert set(_EXPRESSIONS) == set(EMOTIONS)
    assert {len(values) for values in _EXPRESSIONS.values()} == {len(Expression._fields)}
    assert tuple(_LOOKS) == Looks._fields


def test_a_linear_model_is_not_enough() -> None:
    images, y = make_faces(1500, random_state=0)
    X = images.reshape(1500, -1).astype(np.float32)
    linear = make_pipeline(StandardScaler(), LogisticRegression(C=1e-3, tol=1e-2))
    accuracy = linear.fit(X[:1000], y[:1000]).score(X[1000:], y[1000:])
    assert 0.25 < accuracy < 0.7
