"""What a loader returns shows itself in a few lines."""

from __future__ import annotations

import pickle
from copy import copy

import numpy as np
import pytest

from ferclassifier.datasets._image_bunch import ImageBunch


@pytest.fixture
def bunch() -> ImageBunch:
    return ImageBunch(
        images=np.zeros((5, 48, 48), np.uint8),
        target=np.array(["sad", "<b>", "sad", "sad", "<b>"]),
        DESCR="a long text\n" * 50,
    )


def test_it_is_one_line(bunch: ImageBunch) -> None:
    assert repr(bunch) == "<5 images of 48 x 48 in 2 classes: images, target, DESCR>"


def test_a_notebook_shows_the_classes(bunch: ImageBunch) -> None:
    shown = bunch._repr_html_()
    assert "<tr><th>sad</th><td>3</td></tr>" in shown
    assert "<tr><th>&lt;b&gt;</th><td>2</td></tr>" in shown
    assert "<b>" not in shown
    assert "a long text" not in shown


def test_it_is_a_bunch(bunch: ImageBunch) -> None:
    assert bunch.images is bunch["images"]
    for other in (copy(bunch), pickle.loads(pickle.dumps(bunch))):
        assert repr(other) == repr(bunch)


def test_something_may_be_taken_out(bunch: ImageBunch) -> None:
    del bunch["images"]
    assert "target" in repr(bunch)
    assert "&lt;b&gt;" in bunch._repr_html_()
    assert "<b>" not in bunch._repr_html_()
