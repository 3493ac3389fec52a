"""Displays and maps of images that are to be decoded: they are those of the decoded arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from ferclassifier.exceptions import ImageError, SingleImageError
from ferclassifier.inspection import (
    FaceGridDisplay,
    MisclassifiedDisplay,
    SaliencyDisplay,
    overlay,
    saliency,
)
from helpers import patterns
from pil_images import in_all_forms

X, Y = patterns(15)
WRONG = (Y + 1) % 3
FACES = in_all_forms(X)
SHAPE = (12, 12)

DRAWN: dict[str, Any] = {
    "faces": lambda clf, faces: FaceGridDisplay.from_images(faces, Y, image_shape=SHAPE),
    "faces of estimator": lambda clf, faces: FaceGridDisplay.from_estimator(clf, faces, Y),
    "faces of predictions": lambda clf, faces: FaceGridDisplay.from_predictions(
        faces, Y, clf.predict_proba(X), image_shape=SHAPE
    ),
    "mistakes": lambda clf, faces: MisclassifiedDisplay.from_estimator(clf, faces, WRONG),
    "mistakes of predictions": lambda clf, faces: MisclassifiedDisplay.from_predictions(
        faces, WRONG, clf.predict_proba(X), image_shape=SHAPE
    ),
    "saliency": lambda clf, faces: SaliencyDisplay.from_estimator(clf, faces),
}


@pytest.mark.parametrize("container", [list, tuple, pd.Series])
@pytest.mark.parametrize("name", DRAWN)
def test_displays_show_what_was_decoded(fitted: Any, name: str, container: Any) -> None:
    """They showed the indices of a palette, and faces that lie on their side."""
    expected = DRAWN[name](fitted, X)
    display = DRAWN[name](fitted, container(FACES))
    assert_array_equal(display.images, expected.images)
    assert [text.get_text() for text in display.captions_] == [
        text.get_text() for text in expected.captions_
    ]


@pytest.mark.parametrize("method", ["gradcam", "gradient", "occlusion"])
def test_maps_are_those_of_the_pixels(fitted: Any, method: Any) -> None:
    expected = saliency(fitted, X, method, batch_size=4, patch_size=6)
    assert_array_equal(saliency(fitted, FACES, method, batch_size=4, patch_size=6), expected)
    assert_array_equal(overlay(FACES, expected), overlay(X, expected))


def test_an_error_names_the_image_by_its_place_in_all(fitted: Any) -> None:
    """Batches are decoded one by one; the place was that in its batch."""
    spoiled = [*(Image.fromarray(image) for image in X[:10]), b"no image"]
    with pytest.raises(ImageError, match=r"^Image 10: bytes: not an image"):
        saliency(fitted, spoiled, batch_size=4)


@pytest.mark.parametrize("image", ["face.png", Image.fromarray(X[0])], ids=["path", "PIL"])
def test_one_image_is_to_be_put_into_a_list(fitted: Any, image: Any) -> None:
    """A path was taken for as many images as it has letters."""
    proba = fitted.predict_proba(X[:1])
    for draw in (
        lambda: saliency(fitted, image),
        lambda: SaliencyDisplay.from_estimator(fitted, image),
        lambda: FaceGridDisplay.from_images(image),
        lambda: FaceGridDisplay.from_images(image, ["a"]),
        lambda: FaceGridDisplay.from_estimator(fitted, image),
        lambda: FaceGridDisplay.from_predictions(image, None, proba, classes=[0, 1, 2]),
        lambda: MisclassifiedDisplay.from_estimator(fitted, image, [0]),
        lambda: MisclassifiedDisplay.from_predictions(image, [0], proba, classes=[0, 1, 2]),
        lambda: overlay(image, np.zeros((1, 12, 12))),
    ):
        with pytest.raises(SingleImageError, match="into a list"):
            draw()
