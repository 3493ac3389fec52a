"""The displays draw what they were given, anywhere, in colours and words that can be read."""

from __future__ import annotations

import inspect
import io
import re
import sys
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from ferclassifier import EMOTIONS, FERClassifier, ImageReader, make_faces
from ferclassifier._classifier.reject_option import RejectOption
from ferclassifier._utils.printable import printable_lines
from ferclassifier.exceptions import DataError, ImageError
from ferclassifier.inspection import (
    ClassDistributionDisplay,
    CoverageDisplay,
    FaceGridDisplay,
    MisclassifiedDisplay,
    ReliabilityDisplay,
    SaliencyDisplay,
    TrainingCurvesDisplay,
    _saliency,
    most_confident_mistakes,
    overlay,
)
from ferclassifier.metrics import (
    coverage_accuracy_curve,
    expected_calibration_error,
    reliability_curve,
)

SIDE = 24
FACES, CODES = make_faces(80, n_classes=4, noise=1.0, random_state=0)
FACES = np.ascontiguousarray(FACES[:, ::2, ::2])
LABELS = np.array(EMOTIONS)[CODES]
ROWS = FACES.reshape(80, -1) / 255
CLF = LogisticRegression(C=0.01).fit(ROWS[:40], LABELS[:40])
PROBA = CLF.predict_proba(ROWS)
PREDICTED = CLF.predict(ROWS)
WRONG = np.flatnonzero(PREDICTED != LABELS)
HISTORY = {
    "loss": [1.9, 1.5, 1.2, 1.1],
    "accuracy": [0.25, 0.4, 0.5, 0.6],
    "val_loss": [1.8, 1.4, 1.3, 1.35],
    "val_accuracy": [0.3, 0.42, 0.55, 0.5],
    "learning_rate": [0.08, 0.06, 0.02, 0.0],
    "seconds": [9.0, 8.0, 8.0, 8.0],
}

# How to draw each of the displays.
DRAWN: dict[str, Callable[..., Any]] = {
    "faces": lambda **kw: FaceGridDisplay.from_estimator(CLF, ROWS, LABELS, random_state=0, **kw),
    "mistakes": lambda **kw: MisclassifiedDisplay.from_estimator(CLF, ROWS, LABELS, **kw),
    "classes": lambda **kw: ClassDistributionDisplay.from_estimator(CLF, ROWS, LABELS, **kw),
    "reliability": lambda **kw: ReliabilityDisplay.from_estimator(CLF, ROWS, LABELS, **kw),
    "coverage": lambda **kw: CoverageDisplay.from_estimator(CLF, ROWS, LABELS, **kw),
    "training": lambda **kw: TrainingCurvesDisplay.from_history(HISTORY, best_epoch=3, **kw),
}
every_display = pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
of_predictions = pytest.mark.parametrize(
    "name", ["faces", "mistakes", "classes", "reliability", "coverage"]
)


def new_figure(**kwargs: Any) -> Figure:
    """A figure that pyplot knows nothing of."""
    return Figure(layout="constrained", **kwargs)


def overlapping(artists: list[Any]) -> list[tuple[str, str]]:
    """Texts that lie on one another, in pixels of the figure as it is drawn."""
    if artists:
        artists[0].figure.draw_without_rendering()
    boxes = [(artist.get_text(), artist.get_window_extent()) for artist in artists]
    return [(a, b) for (a, box_a), (b, box_b) in combinations(boxes, 2) if box_a.overlaps(box_b)]


def texts(artists: list[Any]) -> list[str]:
    return [artist.get_text() for artist in artists]


# What all of them do


@every_display
def test_a_figure_is_made_and_can_be_reached(draw: Any) -> None:
    display = draw()
    assert plt.get_fignums() == [display.figure_.number]
    axes = getattr(display, "axes_", None)
    first = display.ax_ if axes is None else axes[0]
    assert first in display.figure_.axes


@every_display
def test_given_axes_are_drawn_into_without_pyplot(
    draw: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = new_figure()
    ax = figure.add_subplot()
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    display = draw(ax=ax)
    assert display.figure_ is figure
    assert plt.get_fignums() == []
    n_artists = sum(len(axes.get_children()) for axes in figure.axes)
    figure.savefig(io.BytesIO(), format="svg")
    assert sum(len(axes.get_children()) for axes in figure.axes) == n_artists


@every_display
def test_settings_of_matplotlib_stay(draw: Any) -> None:
    before = dict(matplotlib.rcParams)
    draw()
    assert dict(matplotlib.rcParams) == before


@every_display
def test_matplotlib_is_asked_for(draw: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"pip install \"ferclassifier\[plot\]\""):
        draw()


@every_display
def test_words_and_lines_take_the_colours_of_the_style(draw: Any) -> None:
    ink, safe = "#010203", {"#0072b2", "#d55e00", "#009e73"}
    style = dict.fromkeys(["text.color", "axes.labelcolor", "axes.edgecolor"], ink)
    style |= dict.fromkeys(["xtick.color", "ytick.color", "legend.edgecolor"], ink)
    style |= dict.fromkeys(["axes.facecolor", "figure.facecolor", "savefig.facecolor"], "none")
    style |= {"svg.fonttype": "none"}
    with matplotlib.rc_context(style):
        figure = new_figure()
        draw(ax=figure.add_subplot())
        file = io.StringIO()
        figure.savefig(file, format="svg")
    found = set(re.findall(r"(?:fill|stroke): ?(#\w+|[a-z]+)", file.getvalue())) - {"none"}
    assert ink in found
    assert found <= {ink, *safe}


@every_display
def test_attributes_are_documented(draw: Any) -> None:
    display = draw()
    text = inspect.cleandoc(type(display).__doc__ or "")
    documented = set(re.findall(r"^(\w+_) : ", text, re.M))
    assert {name for name in vars(display) if name.endswith("_")} == documented
    parameters = inspect.signature(type(display)).parameters
    assert all(hasattr(display, name) for name in parameters)


@of_predictions
@pytest.mark.parametrize(
    ("estimator", "error", "message"),
    [
        (LinearRegression().fit(ROWS, CODES), ValueError, "Got LinearRegression.*a classifier"),
        (LogisticRegression(), NotFittedError, "not fitted"),
    ],
)
def test_what_is_no_fitted_classifier_is_refused(
    name: str, estimator: Any, error: type[Exception], message: str
) -> None:
    kind = type(DRAWN[name]())
    with pytest.raises(error, match=message):
        kind.from_estimator(estimator, ROWS, LABELS)


@pytest.mark.parametrize(
    "kind", [CoverageDisplay, FaceGridDisplay, MisclassifiedDisplay, ReliabilityDisplay]
)
def test_a_classifier_without_probabilities_is_refused(kind: Any) -> None:
    with pytest.raises(ValueError, match=r"Got RidgeClassifier.*CalibratedClassifierCV"):
        kind.from_estimator(RidgeClassifier().fit(ROWS, LABELS), ROWS, LABELS)


@of_predictions
def test_a_classifier_inside_a_pipeline_is_drawn_as_it_is(name: str) -> None:
    display = DRAWN[name]()
    model = make_pipeline(FunctionTransformer(lambda X: X.reshape(len(X), -1) / 255), CLF)
    options = {"random_state": 0} if name == "faces" else {}
    again = type(display).from_estimator(model, FACES, LABELS, **options)
    if name in ("faces", "mistakes"):
        np.testing.assert_array_equal(again.images, display.images)
        assert texts(again.captions_) == texts(display.captions_)
    elif name == "classes":
        assert texts(again.values_) == texts(display.values_)
    else:
        np.testing.assert_array_equal(again.line_.get_ydata(), display.line_.get_ydata())


# FaceGridDisplay


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


def write_files(folder: Path, rows: Any) -> list[str]:
    """Paths of all faces, of which only some exist."""
    paths = [str(folder / f"{i}.png") for i in range(len(FACES))]
    for i in rows:
        Image.fromarray(FACES[i]).save(paths[i])
    return paths


def test_only_the_files_shown_are_decoded(tmp_path: Path) -> None:
    chosen = FaceGridDisplay.from_images(FACES, n_faces=4, random_state=0).indices
    paths = write_files(tmp_path, chosen)
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


def test_dollars_are_no_mathematics() -> None:
    display = FaceGridDisplay(FACES[:1], captions=[r"$\oops$"])
    display.plot().figure_.savefig(io.BytesIO())
    assert texts(display.captions_) == [r"$\oops$"]
    for orientation in ("horizontal", "vertical"):
        ClassDistributionDisplay([r"$\oops$", "a" * 30], {"": [1, 2]}).plot(
            orientation=orientation
        ).figure_.savefig(io.BytesIO())
    groups = ClassDistributionDisplay(["a"], {r"$\oops$": [1], "b": [2]})
    groups.plot().figure_.savefig(io.BytesIO())


@pytest.mark.filterwarnings("error:Glyph")
@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_names_that_cannot_be_drawn_are_written_with_escapes(suffix: str) -> None:
    """A lone surrogate in the name of a class ended a plot in a TypeError of Matplotlib's."""
    name, shown = "a\udcff\x1b[2J\u202e", r"a\udcff\x1b[2J\u202e"
    labels = np.where(LABELS == "angry", name, LABELS)
    clf = LogisticRegression(C=0.01).fit(ROWS[:40], labels[:40])
    displays = [
        FaceGridDisplay.from_images(FACES, labels, n_faces=4, balanced=True),
        FaceGridDisplay.from_estimator(clf, ROWS, labels),
        MisclassifiedDisplay.from_estimator(clf, ROWS, labels),
        SaliencyDisplay.from_estimator(clf, ROWS[:8], method="occlusion"),
        ClassDistributionDisplay.from_labels(labels, groups=labels),
        ClassDistributionDisplay.from_estimator(clf, ROWS, labels, orientation="vertical"),
        ReliabilityDisplay.from_estimator(clf, ROWS, labels, name=name),
        CoverageDisplay.from_estimator(clf, ROWS, labels, name=name),
    ]
    for display in displays:
        display.figure_.savefig(io.BytesIO(), format=suffix)
        drawn = [text.get_text() for text in display.figure_.findobj(Text)]
        assert any(text.startswith(shown[:7]) for text in drawn), display
        assert all(printable_lines(text) == text for text in drawn)


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


# most_confident_mistakes


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.integers(1, 5))
def test_mistakes_are_sorted_by_the_probability_of_the_wrong_class(
    seed: int, n_images: int, n_classes: int
) -> None:
    rng = np.random.default_rng(seed)
    classes = rng.permutation([f"class {i}" for i in range(n_classes)])
    # Sixteenths, so that probabilities are exact, and equal now and then.
    y_proba = rng.multinomial(16, np.full(n_classes, 1 / n_classes), size=n_images) / 16
    y_true = rng.choice(classes, n_images)
    wrong = [
        (-row.max(), i)
        for i, (row, label) in enumerate(zip(y_proba, y_true, strict=True))
        if classes[row.argmax()] != label
    ]
    indices = most_confident_mistakes(y_true, y_proba, classes=classes)
    assert indices.tolist() == [i for _, i in sorted(wrong)]
    few = most_confident_mistakes(y_true, y_proba, classes=classes, n=2)
    assert few.tolist() == indices[:2].tolist()


def test_mistakes_of_a_pair_of_classes() -> None:
    true, predicted = LABELS[WRONG[0]], PREDICTED[WRONG[0]]
    options = {"classes": CLF.classes_, "true": true, "predicted": predicted}
    indices = most_confident_mistakes(LABELS, PROBA, **options)
    wanted = np.flatnonzero((true == LABELS) & (predicted == PREDICTED))
    assert set(indices) == set(wanted)
    of_true = most_confident_mistakes(LABELS, PROBA, classes=CLF.classes_, true=true)
    assert set(of_true) == set(np.flatnonzero((true == LABELS) & (true != PREDICTED)))
    assert most_confident_mistakes(LABELS, PROBA, **{**options, "predicted": true}).size == 0


def test_unknown_labels_are_no_classes() -> None:
    with pytest.raises(DataError, match="holds 'calm', but the classes are"):
        most_confident_mistakes(LABELS, PROBA, classes=CLF.classes_, true="calm")
    with pytest.raises(DataError, match="calm"):
        most_confident_mistakes(["calm"], [[0.5, 0.5]], classes=["sad", "fear"])


def test_a_number_of_mistakes_is_not_negative() -> None:
    assert most_confident_mistakes(LABELS, PROBA, n=0).size == 0
    with pytest.raises(ValueError, match=r"Got n=-1, but expected a whole number, 0 or more"):
        most_confident_mistakes(LABELS, PROBA, n=-1)


# MisclassifiedDisplay


@pytest.mark.parametrize("n_faces", [0, -1])
def test_at_least_one_mistake_is_asked_for(n_faces: int) -> None:
    message = f"Got n_faces={n_faces}, but expected a whole number, 1 or more, or None for all mist"
    with pytest.raises(ValueError, match=message):
        MisclassifiedDisplay.from_predictions(FACES, LABELS, PROBA, n_faces=n_faces)
    with pytest.raises(ValueError, match=message):
        MisclassifiedDisplay.from_estimator(CLF, ROWS, LABELS, n_faces=n_faces)


def test_the_most_confident_mistakes_are_drawn() -> None:
    display = MisclassifiedDisplay.from_predictions(FACES, LABELS, PROBA, n_faces=5)
    indices = most_confident_mistakes(LABELS, PROBA, n=5)
    np.testing.assert_array_equal(display.indices, indices)
    for i, index in enumerate(indices):
        np.testing.assert_array_equal(display.images_[i].get_array(), FACES[index])
    assert texts(display.captions_) == [
        f"{PREDICTED[i]} {100 * PROBA[i].max():.0f} %\nlabel: {LABELS[i]}" for i in indices
    ]


def test_mistakes_of_one_pair_can_be_drawn() -> None:
    true, predicted = LABELS[WRONG[0]], PREDICTED[WRONG[0]]
    display = MisclassifiedDisplay.from_estimator(CLF, ROWS, LABELS, true=true, predicted=predicted)
    assert set(display.y_true) == {true}
    assert set(display.y_pred) == {predicted}


def test_no_mistakes_are_said_to_be_none() -> None:
    display = MisclassifiedDisplay.from_estimator(CLF, ROWS, PREDICTED)
    assert display.images_ == []
    assert texts(display.ax_.texts) == ["No mistakes to show"]
    assert not display.ax_.axison


def test_no_mistakes_among_files(tmp_path: Path) -> None:
    paths = write_files(tmp_path, [])
    display = MisclassifiedDisplay.from_predictions(paths, PREDICTED, PROBA, classes=CLF.classes_)
    assert len(display.indices) == 0


def test_only_the_files_of_mistakes_are_decoded(tmp_path: Path) -> None:
    indices = most_confident_mistakes(LABELS, PROBA, n=3)
    paths = write_files(tmp_path, indices)
    display = MisclassifiedDisplay.from_predictions(
        paths, LABELS, PROBA, n_faces=3, image_shape=(SIDE, SIDE)
    )
    np.testing.assert_array_equal(display.images, FACES[indices])


def test_saliency_is_painted_over_the_faces_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    explained = []
    real = _saliency.saliency

    def spy(clf: Any, images: Any, *args: Any, **kwargs: Any) -> Any:
        explained.append(len(images))
        return real(clf, images, *args, **kwargs)

    monkeypatch.setattr(_saliency, "saliency", spy)
    display = MisclassifiedDisplay.from_estimator(
        CLF, ROWS, LABELS, n_faces=3, saliency="occlusion"
    )
    assert explained == [3]
    assert display.maps is not None
    painted = overlay(FACES[display.indices], display.maps)
    for image, expected in zip(display.images_, painted, strict=True):
        np.testing.assert_array_equal(image.get_array(), expected)
    plain = MisclassifiedDisplay.from_estimator(CLF, ROWS, LABELS, n_faces=3)
    assert plain.maps is None
    assert plain.images_[0].get_array().ndim == 2


def test_mistakes_need_labels_of_the_classes() -> None:
    with pytest.raises(DataError, match="classes are"):
        MisclassifiedDisplay.from_estimator(CLF, ROWS, CODES)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        MisclassifiedDisplay(FACES[:2], ["a"], ["b"], [0.5]).plot()


# ClassDistributionDisplay


def test_bars_are_as_long_as_there_are_images() -> None:
    y = ["sad", "fear", "sad", "happy", "sad"]
    display = ClassDistributionDisplay.from_labels(y)
    (bars,) = display.bars_.values()
    assert [bar.get_width() for bar in bars] == [1, 1, 3]
    assert texts(display.ax_.get_yticklabels()) == ["fear", "happy", "sad"]
    assert texts(display.values_) == ["1", "1", "3"]
    assert display.ax_.get_legend() is None
    assert display.ax_.yaxis_inverted()  # the first class is on top


def test_vertical_bars_are_as_high_as_there_are_images() -> None:
    display = ClassDistributionDisplay.from_labels(CODES, orientation="vertical")
    (bars,) = display.bars_.values()
    assert [bar.get_height() for bar in bars] == np.bincount(CODES).tolist()
    assert texts(display.ax_.get_xticklabels()) == ["0", "1", "2", "3"]


def test_groups_are_counted_apart_in_the_order_in_which_they_appear() -> None:
    groups = np.where(np.arange(80) < 50, "train", "test")
    display = ClassDistributionDisplay.from_labels(CODES, groups=groups)
    assert list(display.bars_) == ["train", "test"]
    np.testing.assert_array_equal(display.counts["train"], np.bincount(CODES[:50]))
    np.testing.assert_array_equal(display.counts["test"], np.bincount(CODES[50:]))
    assert texts(display.ax_.get_legend().get_texts()) == ["train", "test"]
    colors = {to_hex(bars[0].get_facecolor()) for bars in display.bars_.values()}
    assert colors == {"#0072b2", "#d55e00"}


def test_shares_of_each_group_sum_to_one() -> None:
    groups = np.where(np.arange(80) < 50, "train", "test")
    display = ClassDistributionDisplay.from_labels(CODES, groups=groups, normalize=True)
    for bars in display.bars_.values():
        assert sum(bar.get_width() for bar in bars) == pytest.approx(1)
    share = np.mean(CODES[:50] == 0)
    assert texts(display.values_)[0] == f"{100 * share:.1f} %"


def test_predictions_stand_beside_labels() -> None:
    display = DRAWN["classes"]()
    classes = CLF.classes_.tolist()
    for name, labels in {"labels": LABELS, "predictions": PREDICTED}.items():
        lengths = [bar.get_width() for bar in display.bars_[name]]
        assert lengths == [int((labels == label).sum()) for label in classes]


def test_a_class_that_is_never_predicted_keeps_its_place() -> None:
    display = ClassDistributionDisplay.from_predictions(["sad", "fear"], ["sad", "sad"])
    assert texts(display.values_) == ["1", "1", "0", "2"]
    display = ClassDistributionDisplay.from_labels(["sad"], classes=["sad", "fear"])
    assert texts(display.values_) == ["1", "0"]


def test_images_without_weight_are_left_out() -> None:
    """A class of such images was drawn, and so was a group."""
    weights = CODES != 2
    display = ClassDistributionDisplay.from_labels(CODES, groups=CODES, sample_weight=weights)
    assert list(display.classes) == ["0", "1", "3"]
    assert list(display.counts) == [str(code) for code in dict.fromkeys(CODES) if code != 2]
    display = ClassDistributionDisplay.from_predictions(CODES, CODES, sample_weight=2 * weights)
    assert list(display.classes) == ["0", "1", "3"]
    assert texts(display.values_)[:3] == [str(2 * n) for n in np.bincount(CODES)[[0, 1, 3]]]


def test_weights_are_added_up() -> None:
    weights = np.linspace(0.1, 2, 80)
    display = ClassDistributionDisplay.from_labels(CODES, sample_weight=weights)
    (bars,) = display.bars_.values()
    lengths = [bar.get_width() for bar in bars]
    np.testing.assert_allclose(lengths, np.bincount(CODES, weights))
    assert texts(display.values_)[0] == f"{lengths[0]:.1f}"


@pytest.mark.parametrize("orientation", ["horizontal", "vertical"])
def test_many_classes_of_long_names_stay_apart(orientation: Any) -> None:
    names = [f"an expression with a long name, number {i}" for i in range(26)]
    y = np.random.default_rng(0).integers(0, 26, 9000)
    display = ClassDistributionDisplay.from_predictions(
        y, y[::-1] // 2, display_labels=names, orientation=orientation
    )
    assert len(display.values_) == 52
    assert overlapping(display.values_) == []
    labels = display.ax_.get_yticklabels() + display.ax_.get_xticklabels()
    assert overlapping(labels) == []
    inside = display.ax_.get_window_extent()
    for value in display.values_:
        box = value.get_window_extent()
        assert inside.x0 <= box.x0
        assert box.x1 <= inside.x1
        assert box.y1 <= inside.y1


def test_names_shrink_and_numbers_are_left_out_where_there_is_no_room() -> None:
    ax = new_figure(figsize=(4, 3)).add_subplot()
    display = ClassDistributionDisplay.from_labels(np.arange(26), ax=ax)
    assert display.values_ == []
    assert overlapping(ax.get_yticklabels()) == []


def test_the_legend_covers_no_bar() -> None:
    display = DRAWN["classes"]()
    display.figure_.draw_without_rendering()
    legend = display.ax_.get_legend().get_window_extent()
    assert legend.y0 >= display.ax_.get_window_extent().y1


def test_values_can_be_left_out_and_bars_be_styled() -> None:
    display = ClassDistributionDisplay.from_labels(
        CODES, include_values=False, bar_kw={"fc": "red"}
    )
    assert display.values_ == []
    assert len(display.ax_.texts) == 0
    assert to_hex(display.ax_.patches[0].get_facecolor()) == "#ff0000"
    display = ClassDistributionDisplay.from_labels(CODES, text_kw={"size": 4})
    assert display.values_[0].get_fontsize() == 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"y": []}, "Got no labels"),
        ({"classes": [0, 1]}, r"Got the labels \[2, 3\], but the classes are"),
        ({"groups": ["a"]}, "inconsistent numbers of samples"),
        ({"sample_weight": [1.0]}, "inconsistent numbers of samples"),
        ({"orientation": "diagonal"}, "orientation='diagonal'"),
        ({"display_labels": list("abc")}, "expected 4 different names"),
    ],
)
def test_what_cannot_be_counted_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ClassDistributionDisplay.from_labels(**{"y": CODES, **options})


def test_each_group_needs_a_number_for_each_class() -> None:
    with pytest.raises(
        DataError, match=r"shape \(3,\) for 'train', but expected one for each of 2"
    ):
        ClassDistributionDisplay(["a", "b"], {"train": [1, 2, 3]}).plot()
    with pytest.raises(DataError, match="0 classes"):
        ClassDistributionDisplay([], {"train": []}).plot()


# TrainingCurvesDisplay


def test_curves_are_those_of_the_history() -> None:
    display = DRAWN["training"]()
    assert set(display.lines_) == set(HISTORY) - {"seconds"}
    for key, line in display.lines_.items():
        np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3, 4])
        np.testing.assert_array_equal(line.get_ydata(), HISTORY[key])
    loss, accuracy, rate = display.axes_
    assert display.lines_["val_loss"].axes is loss
    assert display.lines_["accuracy"].axes is accuracy
    assert display.lines_["learning_rate"].axes is rate
    assert display.lines_["loss"].get_linestyle() != display.lines_["val_loss"].get_linestyle()


def test_the_best_epoch_is_marked_in_each_panel() -> None:
    display = DRAWN["training"]()
    assert [line.axes for line in display.best_lines_] == list(display.axes_)
    assert all(set(line.get_xdata()) == {3} for line in display.best_lines_)
    legend = texts(display.axes_[0].get_legend().get_texts())
    assert legend == ["training", "validation", "best epoch (3)"]
    assert TrainingCurvesDisplay.from_history(HISTORY).best_lines_ == []


def test_what_the_history_lacks_is_not_drawn() -> None:
    display = TrainingCurvesDisplay.from_history({"val_accuracy": [0.5, 0.6]})
    assert len(display.axes_) == 1
    assert list(display.lines_) == ["val_accuracy"]
    rate = TrainingCurvesDisplay.from_history({"learning_rate": [0.1, 0.0]})
    assert rate.axes_[0].get_legend() is None


def test_a_single_epoch_can_be_seen() -> None:
    display = TrainingCurvesDisplay.from_history({"loss": [1.0]})
    assert display.lines_["loss"].get_marker() == "o"
    low, high = display.axes_[0].get_xlim()
    assert [tick for tick in display.axes_[0].get_xticks() if low <= tick <= high] == [1]
    assert TrainingCurvesDisplay.from_history(HISTORY).lines_["loss"].get_marker() == ""


def test_a_fitted_classifier_shows_its_history(fitted: Any) -> None:
    display = TrainingCurvesDisplay.from_estimator(fitted)
    np.testing.assert_array_equal(display.lines_["loss"].get_ydata(), fitted.history_["loss"])
    model = Pipeline([("scale", "passthrough"), ("clf", fitted)])
    again = TrainingCurvesDisplay.from_estimator(model)
    assert again.history == fitted.history_


def test_estimators_without_a_history_are_refused() -> None:
    with pytest.raises(ValueError, match=r"Got LogisticRegression.*FERClassifier has one"):
        TrainingCurvesDisplay.from_estimator(CLF)
    with pytest.raises(NotFittedError):
        TrainingCurvesDisplay.from_estimator(FERClassifier())


@pytest.mark.parametrize(
    ("history", "message"),
    [
        ([1.0, 0.5], "Got a history of type list"),
        ({}, r"Got a history of \[\]"),
        ({"loss": []}, "at least one epoch"),
        ({"seconds": [1.0]}, r"\['seconds'\]"),
        ({"loss": [1.0, 0.9], "accuracy": [0.5]}, "different lengths"),
    ],
)
def test_what_is_no_history_is_refused(history: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        TrainingCurvesDisplay.from_history(history)


@pytest.mark.parametrize("best_epoch", [0, 5])
def test_the_best_epoch_is_one_of_them(best_epoch: int) -> None:
    with pytest.raises(ValueError, match="epochs from 1 to 4"):
        TrainingCurvesDisplay.from_history(HISTORY, best_epoch)


# ReliabilityDisplay


def test_points_and_histogram_are_those_of_the_curve() -> None:
    display = ReliabilityDisplay.from_predictions(LABELS, PROBA, n_bins=8)
    curve = reliability_curve(LABELS, PROBA, n_bins=8)
    filled = curve.share > 0
    assert not filled.all()
    np.testing.assert_array_equal(display.line_.get_xdata(), curve.confidence[filled])
    np.testing.assert_array_equal(display.line_.get_ydata(), curve.accuracy[filled])
    np.testing.assert_array_equal(display.bars_.get_data().values, curve.share)
    np.testing.assert_array_equal(display.bars_.get_data().edges, curve.edges)
    areas = display.points_.get_sizes()
    assert np.argmax(areas) == np.argmax(curve.share[filled])


def test_the_legend_has_the_calibration_error() -> None:
    display = DRAWN["reliability"]()
    error = expected_calibration_error(LABELS, PROBA, classes=CLF.classes_)
    legend = texts(display.axes_[0].get_legend().get_texts())
    assert legend == ["Perfectly calibrated", f"LogisticRegression (ECE {error:.3f})"]


def test_weights_change_the_curve() -> None:
    weights = np.where(PREDICTED == LABELS, 2.0, 1.0)
    display = ReliabilityDisplay.from_estimator(CLF, ROWS, LABELS, sample_weight=weights)
    curve = reliability_curve(LABELS, PROBA, classes=CLF.classes_, sample_weight=weights)
    np.testing.assert_array_equal(display.bars_.get_data().values, curve.share)


def test_a_second_classifier_is_drawn_into_the_same_axes() -> None:
    first = DRAWN["reliability"]()
    second = ReliabilityDisplay.from_predictions(
        LABELS, PROBA**3 / (PROBA**3).sum(1)[:, None], name="sharper", ax=first.axes_
    )
    assert second.figure_ is first.figure_
    assert second.diagonal_ is None
    assert second.line_.get_color() != first.line_.get_color()
    assert len(second.axes_[0].get_legend().get_texts()) == 3


def test_the_diagonal_can_be_left_out_and_the_line_be_styled() -> None:
    display = ReliabilityDisplay.from_predictions(
        LABELS, PROBA, ref_line=False, line_kw={"c": "red", "ls": "--"}
    )
    assert display.diagonal_ is None
    assert display.line_.get_linestyle() == "--"
    assert to_hex(display.points_.get_facecolor()[0]) == "#ff0000"


def test_one_class_is_drawn() -> None:
    display = ReliabilityDisplay.from_predictions(["sad"] * 5, np.ones((5, 1)))
    np.testing.assert_array_equal(display.line_.get_ydata(), [1.0])


def test_reliability_needs_probabilities() -> None:
    with pytest.raises(DataError, match="shape"):
        ReliabilityDisplay.from_predictions(LABELS, PROBA[:, 0])


# CoverageDisplay


def test_a_marked_threshold_keeps_what_predict_keeps() -> None:
    """The float32 closest to 0.7 is below it in float64, where it was not kept."""
    proba = np.array([[0.9, 0.1], [0.7, 0.3], [0.6, 0.4]], dtype=np.float32)
    display = CoverageDisplay.from_predictions([0, 1, 0], proba, thresholds=[0.7])
    (coverage,) = display.points_.get_xdata()
    kept = RejectOption(np.arange(2), 0.7).labels_of(proba) != -1
    assert coverage == kept.mean() == 2 / 3


def test_the_line_is_the_curve() -> None:
    display = DRAWN["coverage"]()
    curve = coverage_accuracy_curve(LABELS, PROBA, classes=CLF.classes_)
    np.testing.assert_array_equal(display.line_.get_xdata(), curve.coverage)
    np.testing.assert_array_equal(display.line_.get_ydata(), curve.accuracy)
    assert texts(display.ax_.get_legend().get_texts()) == ["LogisticRegression"]


def test_thresholds_stand_where_images_are_kept() -> None:
    highest = PROBA.max(axis=1)
    asked = [0.0, 0.3, 0.4, float(highest.max()), 1.0]
    assert 0.4 < highest.max() < 1
    display = CoverageDisplay.from_predictions(LABELS, PROBA, thresholds=asked)
    assert texts(display.texts_) == [f"{threshold:g}" for threshold in asked[:-1]]
    kept = [highest >= threshold for threshold in asked[:-1]]
    np.testing.assert_allclose(display.points_.get_xdata(), np.mean(kept, axis=1))
    accuracy = [(PREDICTED == LABELS)[rows].mean() for rows in kept]
    np.testing.assert_allclose(display.points_.get_ydata(), accuracy)


def test_weights_change_the_coverage() -> None:
    weights = np.where(PREDICTED == LABELS, 2.0, 1.0)
    display = DRAWN["coverage"](sample_weight=weights)
    expected = np.average(PREDICTED == LABELS, weights=weights)
    assert display.line_.get_ydata()[-1] == pytest.approx(expected)


def test_a_second_curve_is_drawn_into_the_same_axes() -> None:
    first = DRAWN["coverage"](line_kw={"ls": "--"})
    second = CoverageDisplay.from_predictions(
        LABELS, PROBA**2 / (PROBA**2).sum(1)[:, None], name="other", ax=first.ax_
    )
    assert second.line_.get_color() != first.line_.get_color()
    assert first.line_.get_linestyle() == "--"
    assert texts(second.ax_.get_legend().get_texts()) == ["LogisticRegression", "other"]


def test_a_curve_without_a_name_has_no_legend() -> None:
    assert CoverageDisplay.from_predictions(LABELS, PROBA).ax_.get_legend() is None


def test_of_one_image_there_is_a_point() -> None:
    display = CoverageDisplay.from_predictions(["sad"], [[1.0]])
    np.testing.assert_array_equal(display.points_.get_xdata(), [1, 1, 1])


# Several panels


@pytest.mark.parametrize("name", ["training", "reliability"])
def test_panels_are_drawn_into_axes_of_ones_own(name: str) -> None:
    n_panels = {"training": 3, "reliability": 2}[name]
    axes = new_figure().subplots(1, n_panels)
    display = DRAWN[name](ax=axes)
    assert list(display.axes_) == list(axes)
    with pytest.raises(ValueError, match=rf"Got ax with {n_panels + 1} axes, but there are"):
        DRAWN[name](ax=new_figure().subplots(1, n_panels + 1))


def test_axes_are_divided_once() -> None:
    figure = new_figure()
    ax = figure.add_subplot()
    display = DRAWN["training"](ax=ax)
    assert not ax.axison
    assert len(figure.axes) == 4
    with pytest.raises(ValueError, match=r"Pass a list of axes, such as display\.axes_"):
        DRAWN["training"](ax=ax)
    DRAWN["training"](ax=display.axes_)
    with pytest.raises(ValueError, match="placed by hand"):
        DRAWN["training"](ax=figure.add_axes((0, 0, 1, 1)))
