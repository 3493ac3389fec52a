"""Faces in a grid: which are chosen, and what is written below them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from displays import (
    CLF,
    CODES,
    DRAWN,
    FACES,
    LABELS,
    PREDICTED,
    PROBA,
    ROWS,
    SIDE,
    WRONG,
    new_figure,
    overlapping,
    texts,
    write_faces,
)
from ferclassifier import EMOTIONS, ImageReader
from ferclassifier.exceptions import DataError, ImageError
from ferclassifier.inspection import FaceGridDisplay


def test_faces_are_those_of_their_indices_and_carry_their_labels() -> None:
    display = FaceGridDisplay.from_images(FACES, LABELS, n_faces=10, random_state=3)
    assert len(display.indices) == 10
    assert sorted(display.indices) == list(display.indices)
    for image, index in zip(display.images_, display.indices, strict=True):
        np.testing.assert_array_equal(image.get_array(), FACES[index])
    assert texts(display.captions_) == LABELS[display.indices].tolist()
    assert display.frames_ == []


def test_random_state_fixes_the_choice() -> None:
    first, again, other = (
        FaceGridDisplay.from_images(FACES, n_faces=10, random_state=seed).indices
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert set(first) != set(other)


def test_all_faces_are_drawn_in_their_order() -> None:
    display = FaceGridDisplay.from_images(FACES, n_faces=None)
    np.testing.assert_array_equal(display.indices, np.arange(80))
    assert display.captions_ == []


def test_a_balanced_grid_has_as_many_faces_of_each_class() -> None:
    display = FaceGridDisplay.from_images(FACES, CODES, n_faces=14, balanced=True)
    np.testing.assert_array_equal(CODES[display.indices], np.repeat([0, 1, 2, 3], 3))
    rare = np.minimum(CODES, 1)
    display = FaceGridDisplay.from_images(FACES[:9], rare[:9], n_faces=3, balanced=True)
    assert sorted(rare[display.indices]) == [0, 1]


def test_a_balanced_grid_never_has_more_faces_than_asked_for() -> None:
    for n_faces in (4, 5, 7, 8):
        display = FaceGridDisplay.from_images(FACES, CODES, n_faces=n_faces, balanced=True)
        assert len(display.indices) == n_faces // 4 * 4
    with pytest.raises(ValueError, match=r"n_faces=3 with balanced=True, but expected 4 or more"):
        FaceGridDisplay.from_images(FACES, CODES, n_faces=3, balanced=True)


def test_faces_stand_side_by_side_in_rows() -> None:
    display = FaceGridDisplay.from_images(FACES, n_faces=7, n_columns=3)
    corners = [(image.get_extent()[0], image.get_extent()[3]) for image in display.images_]
    assert len({x for x, _ in corners}) == 3
    assert len({y for _, y in corners}) == 3
    assert display.ax_.get_xlim() == (0, 3)
    assert display.ax_.get_ylim()[0] > display.ax_.get_ylim()[1]  # the first row is on top


def test_predictions_and_probabilities_stand_below_the_faces() -> None:
    display = DRAWN["faces"]()
    for caption, index in zip(texts(display.captions_), display.indices, strict=True):
        first, *rest = caption.split("\n")
        assert first == f"{PREDICTED[index]} {100 * PROBA[index].max():.0f} %"
        assert rest == ([] if index not in WRONG else [f"label: {LABELS[index]}"])


def test_right_and_wrong_differ_in_more_than_colour() -> None:
    display = FaceGridDisplay.from_predictions(FACES, LABELS, PROBA, n_faces=None)
    lines = {
        is_wrong: {(frame.get_linestyle(), frame.get_linewidth()) for frame in frames}
        for is_wrong in (True, False)
        for frames in [[f for i, f in enumerate(display.frames_) if (i in WRONG) == is_wrong]]
    }
    (wrong_style, wrong_width), (right_style, right_width) = *lines[True], *lines[False]
    assert wrong_style != right_style
    assert wrong_width > right_width


def test_without_labels_there_are_predictions_only() -> None:
    display = FaceGridDisplay.from_estimator(CLF, ROWS, random_state=0)
    assert display.frames_ == []
    assert display.is_right is None
    assert not any("\n" in caption for caption in display.captions)
    again = FaceGridDisplay.from_predictions(
        FACES, None, PROBA, classes=CLF.classes_, random_state=0
    )
    assert display.captions == again.captions


def test_only_the_faces_shown_are_predicted() -> None:
    sizes = []

    def count(X: Any) -> Any:
        sizes.append(len(X))
        return X

    model = make_pipeline(FunctionTransformer(count), CLF)
    FaceGridDisplay.from_estimator(model, ROWS, LABELS, n_faces=6)
    assert sizes == [6]


FORMS = {
    "images": FACES,
    "unit images": (FACES / 255).astype(np.float32),
    "channel": FACES[..., np.newaxis],
    "rows": FACES.reshape(80, -1),
    "list": FACES.tolist(),
    "table": pd.DataFrame(FACES.reshape(80, -1)),
}


@pytest.mark.parametrize("form", FORMS)
def test_any_form_of_images_gives_the_same_picture(form: str) -> None:
    display = FaceGridDisplay.from_images(FORMS[form], n_faces=5, random_state=0)
    np.testing.assert_array_equal(display.images, FACES[display.indices])


def test_names_of_classes_go_by_the_order_of_the_classes() -> None:
    display = FaceGridDisplay.from_images(FACES, CODES, n_faces=None, display_labels=list("abcd"))
    assert texts(display.captions_) == [list("abcd")[code] for code in CODES]
    model = LogisticRegression(C=0.01).fit(ROWS[:40], CODES[:40])
    display = FaceGridDisplay.from_estimator(
        model, ROWS, CODES, n_faces=None, display_labels=EMOTIONS[:4]
    )
    names = [caption.split()[0] for caption in texts(display.captions_)]
    assert names == [EMOTIONS[code] for code in model.predict(ROWS)]


def test_only_the_files_shown_are_decoded(tmp_path: Path) -> None:
    chosen = FaceGridDisplay.from_images(FACES, n_faces=4, random_state=0).indices
    paths = write_faces(tmp_path, chosen)
    display = FaceGridDisplay.from_images(
        paths, n_faces=4, random_state=0, image_shape=(SIDE, SIDE)
    )
    np.testing.assert_array_equal(display.images, FACES[chosen])
    with pytest.raises(ImageError, match="there is no such file"):
        FaceGridDisplay.from_images(paths, n_faces=None)


def test_images_are_shown_as_the_reader_of_a_pipeline_reads_them() -> None:
    faces = [Image.fromarray(face).resize((2 * SIDE, 2 * SIDE)) for face in FACES[:6]]
    reader = ImageReader((SIDE, SIDE))
    model = make_pipeline(reader, FunctionTransformer(lambda X: X.reshape(len(X), -1) / 255), CLF)
    display = FaceGridDisplay.from_estimator(model, faces, LABELS[:6])
    np.testing.assert_array_equal(display.images, reader.transform(faces))


def test_coloured_faces_stay_coloured() -> None:
    colours = np.repeat(FACES[:3, ..., np.newaxis], 3, axis=3) * np.array([1, 0, 0], dtype=np.uint8)
    display = FaceGridDisplay.from_images(colours, n_faces=None)
    np.testing.assert_array_equal(display.images_[0].get_array(), colours[0])


def test_what_is_nearly_sure_is_not_written_as_sure() -> None:
    y_proba = [[0.996, 0.004], [1.0, 0.0]]
    display = FaceGridDisplay.from_predictions(FACES[:2], None, y_proba, classes=["fear", "sad"])
    assert display.captions == ["fear >99 %", "fear 100 %"]


def test_long_captions_are_cut_and_do_not_run_into_one_another() -> None:
    names = [f"an expression that is hard to name, number {i}" for i in range(4)]
    display = FaceGridDisplay.from_predictions(
        FACES, LABELS, PROBA, n_faces=None, display_labels=names
    )
    assert all("…" in caption and " %" in caption for caption in texts(display.captions_))
    assert overlapping(display.captions_) == []


def test_short_captions_are_whole_also_in_small_axes() -> None:
    axes = new_figure(figsize=(10, 4)).subplots(1, 2)
    display = FaceGridDisplay.from_predictions(
        FACES, LABELS, PROBA, n_columns=6, random_state=0, ax=axes[0]
    )
    assert texts(display.captions_) == display.captions
    assert overlapping(display.captions_) == []


def test_styles_of_faces_and_captions_can_be_changed() -> None:
    display = FaceGridDisplay.from_images(
        FACES,
        LABELS,
        n_faces=2,
        im_kw={"cmap": "viridis", "interpolation": "none"},
        text_kw={"size": 5, "color": "red"},
    )
    assert display.images_[0].get_cmap().name == "viridis"
    assert display.captions_[0].get_fontsize() == 5
    assert display.captions_[0].get_color() == "red"


def test_a_single_face_is_a_grid() -> None:
    display = FaceGridDisplay.from_images(FACES[:1], LABELS[:1])
    assert len(display.images_) == len(display.captions_) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_faces": 0}, "n_faces=0"),
        ({"n_columns": 0}, "n_columns=0"),
        ({"balanced": True}, "balanced=True, which needs the labels"),
        ({"y": LABELS[:5]}, "inconsistent numbers of samples"),
        ({"y": LABELS, "display_labels": ["a"]}, "expected 4 different names"),
        ({"X": FACES[:0]}, "Got no images"),
        ({"X": np.zeros((3, 4, 5, 2))}, "channels"),
    ],
)
def test_what_makes_no_grid_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FaceGridDisplay.from_images(**{"X": FACES, **options})


@pytest.mark.parametrize("given", ["captions", "is_right", "indices"])
def test_each_face_needs_its_own(given: str) -> None:
    with pytest.raises(DataError, match=f"Got 2 {given} for 3 images"):
        FaceGridDisplay(FACES[:3], **{given: ["a", "b"]}).plot()


def test_predictions_need_their_classes() -> None:
    with pytest.raises(ValueError, match="neither y_true nor classes"):
        FaceGridDisplay.from_predictions(FACES, None, PROBA)
    with pytest.raises(DataError, match="columns"):
        FaceGridDisplay.from_predictions(FACES, LABELS, PROBA, classes=["a", "b"])
