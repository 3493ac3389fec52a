"""Which arrays hold paths, and what is decoded of them, and when."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from ferclassifier.images import _sources, decode_image
from ferclassifier.images._sources import ImageSources, sources_in


def test_what_is_no_array_of_paths() -> None:
    for other in (
        [[0.5], [0.25]],
        np.zeros((3, 4)),
        np.zeros(3),
        [["a", "b"]],
        np.empty((0,), str),
    ):
        assert sources_in(other) is None


def test_rows_of_sources_are_decoded_as_they_are_taken(image_files: Any) -> None:
    paths, X, _ = image_files
    images = ImageSources(paths, (12, 12, 1))
    assert len(images) == 60
    assert images.shape == (60, 12, 12, 1)
    for _ in range(2):
        assert_array_equal(images[np.array([5, 3])], X[[5, 3]][..., None])
        assert_array_equal(images[3:12], X[3:12][..., None])


@pytest.mark.parametrize(("bytes_kept", "n_decoded"), [(60 * 144, 60), (60 * 144 - 1, 120)])
def test_small_data_are_decoded_once_and_large_data_never_kept(
    image_files: Any, monkeypatch: pytest.MonkeyPatch, bytes_kept: int, n_decoded: int
) -> None:
    paths, X, _ = image_files
    decoded = []

    def decode(path: Any, **options: Any) -> Any:
        decoded.append(path)
        return decode_image(path, **options)

    monkeypatch.setattr(_sources, "decode_image", decode)
    monkeypatch.setattr(_sources, "_BYTES_KEPT", bytes_kept)
    images = ImageSources(paths, (12, 12, 1))
    for _ in range(2):
        assert_array_equal(images[np.arange(60)], X[..., None])
    assert len(decoded) == n_decoded
