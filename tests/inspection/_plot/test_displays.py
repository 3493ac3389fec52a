"""What holds for every display: it draws anywhere, in colours and words that can be read."""

from __future__ import annotations

import inspect
import io
import re
import sys
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.text import Text
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from displays import CLF, CODES, DRAWN, FACES, LABELS, ROWS, new_figure, texts
from ferclassifier._utils.printable import printable_lines
from ferclassifier.inspection import (
    ClassDistributionDisplay,
    CoverageDisplay,
    FaceGridDisplay,
    MisclassifiedDisplay,
    ReliabilityDisplay,
    SaliencyDisplay,
)

every_display = pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
of_predictions = pytest.mark.parametrize(
    "name", ["faces", "mistakes", "classes", "reliability", "coverage"]
)


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
        FaceGridDisplay.from_images(FACES, labels, n_faces=14, balanced=True, random_state=0),
        FaceGridDisplay.from_estimator(clf, ROWS, labels, random_state=0),
        MisclassifiedDisplay.from_estimator(clf, ROWS, labels),
        SaliencyDisplay.from_estimator(clf, ROWS[:8], method="occlusion", target=name),
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
