"""Fitting and predicting images that are to be decoded, whatever holds them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from PIL import Image
from sklearn.model_selection import cross_val_score

from ferclassifier import FERVotingClassifier, ImageReader
from ferclassifier.exceptions import ImageError, SingleImageError
from helpers import patterns, same_name, tiny_classifier
from pil_images import FORMS, encoded, in_all_forms, turned, with_a_palette

SHAPE = (12, 12)
X, Y = patterns(42)


def column(values: list[Any]) -> np.ndarray:
    new = np.empty((len(values), 1), dtype=object)
    for i, value in enumerate(values):
        new[i, 0] = value
    return new


CONTAINERS = {
    "list": list,
    "tuple": tuple,
    "array": lambda values: column(values)[:, 0],
    "column": column,
    "Series": lambda values: pd.Series(values, index=range(5, 5 + len(values))),
    "DataFrame": lambda values: pd.DataFrame({"face": values}),
}


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("form", FORMS)
def test_images_are_decoded_whatever_holds_them(fitted: Any, form: str, container: str) -> None:
    """NumPy made pixels of PIL images: indices of a palette, and faces that lie on their side."""
    images = CONTAINERS[container]([FORMS[form](image) for image in X[:6]])
    expected = fitted.predict_proba(X[:6])
    for _ in range(2):  # files are left where they stand
        assert_array_equal(fitted.predict_proba(images), expected)
    assert fitted.score(images, Y[:6]) == fitted.score(X[:6], Y[:6])


def test_an_image_of_one_bit_is_black_and_white(fitted: Any) -> None:
    """It became 0 and 1, nearly black."""
    bits = np.where(X[:6] > 100, 255, 0).astype(np.uint8)
    images = [Image.fromarray(image).convert("1") for image in bits]
    assert_array_equal(fitted.predict_proba(images), fitted.predict_proba(bits))


@pytest.mark.parametrize("container", ["list", "Series"])
def test_a_fit_on_decoded_images_is_a_fit_on_their_pixels(container: str) -> None:
    images = CONTAINERS[container](in_all_forms(X))
    on_arrays = tiny_classifier(epochs=2).fit(X, Y)
    decoded = tiny_classifier(epochs=2, image_shape=SHAPE).fit(images, Y)
    assert decoded.history_["loss"] == on_arrays.history_["loss"]
    assert (decoded.image_shape_, decoded.n_features_in_) == ((12, 12, 1), 144)
    validated = tiny_classifier(epochs=1, image_shape=SHAPE).fit(images, Y, X_val=images, y_val=Y)
    assert len(validated.history_["val_loss"]) == 1


def test_partial_fit_calibrate_and_search_take_them() -> None:
    images = in_all_forms(X)
    clf = tiny_classifier(epochs=1, image_shape=SHAPE)
    assert cross_val_score(clf, images, Y, cv=2, error_score="raise").shape == (2,)
    clf.partial_fit(images[:21], Y[:21], classes=[0, 1, 2]).partial_fit(images[21:], Y[21:])
    other = tiny_classifier(epochs=1)
    other.partial_fit(X[:21], Y[:21], classes=[0, 1, 2]).partial_fit(X[21:], Y[21:])
    assert_array_equal(clf.predict_proba(images), other.predict_proba(X))
    assert clf.calibrate(images, Y).temperature_ == other.calibrate(X, Y).temperature_


def test_an_ensemble_decodes_for_each_member(fitted: Any) -> None:
    both = FERVotingClassifier.from_fitted([("a", fitted), ("b", fitted)])
    assert_array_equal(both.predict_proba(in_all_forms(X)), both.predict_proba(X))


def test_a_model_of_colours_gets_colours() -> None:
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 256, (12, 12, 12, 3), dtype=np.uint8)
    images = [Image.fromarray(image) for image in colours]
    clf = tiny_classifier(epochs=1, image_shape=(12, 12, 3)).fit(images, Y[:12])
    assert clf.image_shape_ == (12, 12, 3)
    assert_array_equal(clf.predict_proba(images), clf.predict_proba(colours))


def test_images_of_any_size_are_brought_to_that_of_the_model(fitted: Any) -> None:
    images = [Image.fromarray(X[0]).resize((20 + i, 30)) for i in range(3)]
    read = ImageReader(SHAPE).transform(images)
    assert_array_equal(fitted.predict_proba(images), fitted.predict_proba(read))
    assert tiny_classifier(epochs=1).fit(images, [0, 1, 1]).image_shape_ == (48, 48, 1)


def test_dicts_of_paths(fitted: Any, image_files: Any) -> None:
    paths, images, _ = image_files
    table = pd.DataFrame({"image": [{"bytes": None, "path": path} for path in paths]})
    assert_array_equal(fitted.predict_proba(table), fitted.predict_proba(images))


def test_the_same_image_at_several_places_of_a_fit() -> None:
    """Threads decode batches ahead, and a file object has one place where it stands."""
    images = [FORMS["file"](X[0]), FORMS["not decoded yet"](X[1])] * 60
    clf = tiny_classifier(epochs=1, batch_size=8, image_shape=SHAPE).fit(images, [0, 1] * 60)
    arrays = tiny_classifier(epochs=1, batch_size=8).fit(X[[0, 1] * 60], [0, 1] * 60)
    assert clf.history_["loss"] == arrays.history_["loss"]


@pytest.mark.parametrize(
    ("image", "error", "message"),
    [
        (None, ImageError, "^Image 1: got None, a missing value"),
        (np.nan, ImageError, "^Image 1: got nan, a missing value"),
        (pd.NA, ImageError, "^Image 1: got <NA>, a missing value"),
        (7, TypeError, "^Image 1: .*got int"),
        (b"x", ImageError, "^Image 1: bytes: not an image"),
        ({"bytes": None, "path": None}, ImageError, "^Image 1: .*neither"),
        ({"bytes": None, "path": "none.png"}, ImageError, "^none.png: there is no such file"),
        (io.StringIO("x"), TypeError, "^Image 1: .*text mode"),
        (Image.new("L", (0, 3)), ImageError, "^Image 1: PIL image: the image is empty"),
        ("f" * 3000, ImageError, "^f.*…f+: the image cannot be decoded: File name too long"),
    ],
    ids=same_name,
)
def test_what_cannot_be_decoded_is_named(
    fitted: Any, image: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        fitted.predict([Image.fromarray(X[0]), image])
    assert len(str(caught.value)) < 400
    with pytest.raises(error, match=message):
        fitted.predict(pd.Series([image, encoded(X[0])])[::-1])


@pytest.mark.parametrize(
    ("image", "remedy"),
    [
        ("face.png", r"list: \[path\]"),
        (Path("face.png"), r"list: \[path\]"),
        (Path(__file__).parent, "a folder.*load_image_folder"),
        (encoded(X[0]), r"list: \[image\]"),
        (bytearray(encoded(X[0])), r"list: \[image\]"),
        (io.BytesIO(encoded(X[0])), r"list: \[image\]"),
        (with_a_palette(X[0]), r"list: \[image\]"),
        ({"bytes": encoded(X[0]), "path": None}, r"list: \[image\]"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_one_image_is_to_be_put_into_a_list(fitted: Any, image: Any, remedy: str) -> None:
    """scikit-learn's message was about a scalar, or an array of two dimensions."""
    for call in (fitted.predict, fitted.predict_proba):
        with pytest.raises(SingleImageError, match=remedy) as caught:
            call(image)
        assert isinstance(caught.value, TypeError)
    with pytest.raises(SingleImageError, match=remedy):
        tiny_classifier().fit(image, ["happy"])
    with pytest.raises(SingleImageError, match=remedy):
        fitted.score(image, [0])


def test_what_can_be_counted_only_once(fitted: Any, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"Got X of type \w+, .*list\(X\)"):
        fitted.predict(tmp_path.glob("*.png"))


@pytest.mark.parametrize(
    ("images", "message"),
    [
        ({"image": [encoded(X[0])], "label": [0]}, "type dict, .*dict of columns"),
        ({encoded(X[0])}, "type set, .*in a list"),
        (None, "type NoneType"),
        (
            [(Image.fromarray(image), 0) for image in X],
            r"rows of 2 values.*\[row\[0\] for row in X",
        ),
        (
            [[0, Image.fromarray(image)] for image in X],
            r"rows of 2 values.*\[row\[1\] for row in X",
        ),
        (np.array([[0, "a.png"]], dtype=object), r"rows of 2 values.*\[row\[1\] for row in X"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_containers_of_more_than_images(fitted: Any, images: Any, message: str) -> None:
    """The message held all bytes of all images."""
    with pytest.raises((TypeError, ValueError), match=message) as caught:
        fitted.predict(images)
    assert len(str(caught.value)) < 300


def test_a_checkpoint_knows_decoded_images(tmp_path: Path) -> None:
    import keras

    class Stop(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch == 0:
                raise KeyboardInterrupt

    def classifier(**params: Any) -> Any:
        path = tmp_path / "state"
        return tiny_classifier(epochs=2, image_shape=SHAPE, checkpoint=path, **params)

    images = in_all_forms(X)
    with pytest.raises(KeyboardInterrupt):
        classifier(callbacks=[Stop()]).fit(images, Y)
    others = [*images[:-1], turned(X[0])]
    with pytest.raises(ValueError, match="X is another"):
        classifier().fit(others, Y)
    again = classifier().fit(in_all_forms(X), Y)
    assert again.history_["loss"] == tiny_classifier(epochs=2).fit(X, Y).history_["loss"]
