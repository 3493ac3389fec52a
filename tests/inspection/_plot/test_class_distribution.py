"""Bars are as long as there are images, and each can be told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex

from displays import CLF, CODES, DRAWN, LABELS, PREDICTED, new_figure, overlapping, texts
from ferclassifier.exceptions import DataError
from ferclassifier.inspection import ClassDistributionDisplay


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


def test_names_are_not_drawn_beside_codes() -> None:
    """NumPy made names of the codes, and there were twice as many classes."""
    with pytest.raises(DataError, match="Pass both as names, or both as codes"):
        ClassDistributionDisplay.from_predictions(LABELS, CODES)


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
