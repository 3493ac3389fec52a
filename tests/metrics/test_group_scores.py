"""Each group is scored as if it were alone, and gaps are those between the best and the worst."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ferclassifier._utils.printable import printable
from ferclassifier.exceptions import DataError
from ferclassifier.metrics import GroupScores, emotion_report, wilson_interval
from ferclassifier.metrics._intervals import difference_interval

N = 300
_RNG = np.random.default_rng(0)
Y = np.array(["angry", "happy", "sad"])[_RNG.integers(3, size=N)]
PROBA = _RNG.dirichlet(np.ones(3), N)
PROBA[np.arange(N), np.unique(Y, return_inverse=True)[1]] += 0.4
PROBA /= PROBA.sum(axis=1, keepdims=True)
GROUPS = np.array(["young", "old", "mid"])[_RNG.integers(3, size=N)]


def scores(groups: Any = GROUPS, **options: Any) -> GroupScores:
    found = emotion_report(Y, PROBA, groups=groups, **options).groups
    assert found is not None
    return found


@pytest.mark.parametrize("weights", [None, np.arange(N) % 4])
def test_a_group_has_the_scores_of_its_images_alone(weights: Any) -> None:
    found = scores(sample_weight=weights)
    assert list(found.by_group.index) == ["mid", "old", "young"]
    for name, row in found.by_group.iterrows():
        mask = name == GROUPS
        alone = emotion_report(
            Y[mask], PROBA[mask], sample_weight=None if weights is None else weights[mask]
        )
        assert row["accuracy"] == pytest.approx(alone.accuracy)
        assert (row["low"], row["high"]) == pytest.approx(alone.accuracy_interval)
        assert row["macro_f1"] == pytest.approx(alone.macro_f1)
        assert row["support"] == alone.n_images
        np.testing.assert_allclose(found.recalls.loc[name], alone.per_class["recall"])


def test_gaps_are_those_between_the_best_and_the_worst() -> None:
    found = scores()
    accuracy = found.by_group["accuracy"]
    gap = found.largest_gap
    assert gap is not None
    assert (gap.best, gap.worst) == (accuracy.idxmax(), accuracy.idxmin())
    assert gap.difference == pytest.approx(accuracy.max() - accuracy.min())
    assert list(found.gaps.index) == ["accuracy", "angry", "happy", "sad"]
    for label in ("angry", "happy", "sad"):
        recalls = found.recalls[label]
        assert found.gaps["difference"][label] == pytest.approx(recalls.max() - recalls.min())
        assert found.gaps["worst"][label] == recalls.idxmin()


def test_the_interval_holds_for_all_pairs_together() -> None:
    found, gap = scores(), scores().largest_gap
    assert gap is not None
    rows = [found.by_group.loc[name] for name in gap[:2]]
    pair = [(row["accuracy"], row["support"]) for row in rows]
    expected = difference_interval(*pair, confidence=1 - 0.05 / 3)
    assert (gap.low, gap.high) == pytest.approx(expected)
    assert gap.n_pairs == 3
    alone = scores(np.where(GROUPS == "mid", None, GROUPS)).largest_gap
    assert alone is not None
    assert alone.n_pairs == 1


def test_interval_of_a_difference_as_published() -> None:
    """Newcombe 1998, table II, method 10: 56/70 against 48/80, 9/10 against 3/10, 10/10, 0/10."""
    for one, other, expected in [
        ((56 / 70, 70), (48 / 80, 80), (0.0524, 0.3339)),
        ((9 / 10, 10), (3 / 10, 10), (0.1705, 0.8090)),
        ((0.0, 10), (0.0, 10), (-0.2775, 0.2775)),
        ((1.0, 10), (0.0, 20), (0.6791, 1.0)),
    ]:
        assert difference_interval(one, other) == pytest.approx(expected, abs=5e-5)


def test_of_groups_that_are_alike_few_gaps_are_called_more_than_chance() -> None:
    """5 % of them, were the interval exact."""
    rng = np.random.default_rng(0)
    shares = rng.binomial(50, 0.7, size=(1000, 4)) / 50
    confidence = 1 - 0.05 / 6
    low = [difference_interval((max(row), 50), (min(row), 50), confidence)[0] for row in shares]
    assert 0.02 < np.mean(np.array(low) > 0) < 0.06
    narrow = [difference_interval((max(row), 50), (min(row), 50))[0] for row in shares]
    assert np.mean(np.array(narrow) > 0) > 0.15  # what is mended by the number of pairs


def test_a_gap_that_is_there_is_found() -> None:
    y, groups = np.tile(["a", "b"], 100), np.repeat(["one", "other"], 100)
    is_right = np.where(groups == "one", np.arange(200) % 10 > 0, np.arange(200) % 4 > 1)
    first = np.where((y == "a") == is_right, 0.9, 0.1)
    report = emotion_report(y, np.column_stack([first, 1 - first]), groups=groups)
    assert report.groups is not None
    gap = report.groups.largest_gap
    assert gap is not None
    assert gap.best == "one"
    assert gap.difference == pytest.approx(0.4)
    assert gap.low > 0.2
    assert "chance" not in report.groups.summary()


class TestForms:
    def test_unknown_groups_are_left_out(self) -> None:
        groups = GROUPS.astype(object)
        groups[:3], groups[3], groups[4] = None, np.nan, ""
        found = scores(groups)
        assert found.n_left_out == 5
        assert found.by_group["support"].sum() == N - 5

    def test_categories_keep_their_order(self) -> None:
        ages = np.arange(N) % 60
        bands = pd.cut(pd.Series(ages), [-1, 5, 19, 59, 99], labels=["0-5", "6-19", "20-59", "60-"])
        assert list(scores(bands).by_group.index) == ["0-5", "6-19", "20-59"]
        assert list(scores(pd.Categorical(bands)).by_group.index) == ["0-5", "6-19", "20-59"]
        assert len(scores(pd.cut(pd.Series(ages), 3)).by_group) == 3

    def test_numbers_are_in_their_order(self) -> None:
        assert list(scores(np.arange(N) % 11).by_group.index) == list(range(11))
        mixed = np.array([2, "a"], dtype=object)[np.arange(N) % 2]
        assert list(scores(mixed).by_group.index) == [2, "a"]

    def test_a_single_group_has_no_gap(self) -> None:
        found = scores(np.full(N, "all"))
        assert found.largest_gap is None
        assert found.to_dict()["gaps"] == {"accuracy": None, "recalls": {}}
        assert "of one, all" in found.summary()

    def test_groups_that_are_alike_have_a_gap_of_nothing(self) -> None:
        proba = np.eye(3)[np.unique(Y, return_inverse=True)[1]]
        found = emotion_report(Y, proba, groups=GROUPS).groups
        assert found is not None
        assert found.largest_gap is not None
        assert found.largest_gap[:3] == ("mid", "old", 0.0)

    def test_a_class_that_one_group_alone_has_is_no_gap(self) -> None:
        found = scores(np.where(Y == "sad", "one", GROUPS))
        assert list(found.gaps.index) == ["accuracy", "angry", "happy"]
        assert found.to_dict()["by_group"]["mid"]["recalls"]["sad"] is None

    def test_a_class_called_accuracy(self) -> None:
        y = np.where(Y == "sad", "accuracy", Y)
        report = emotion_report(y, PROBA[:, [2, 0, 1]], groups=GROUPS)
        assert report.groups is not None
        gaps = report.groups.to_dict()["gaps"]
        assert set(gaps["recalls"]) == {"accuracy", "angry", "happy"}
        assert gaps["accuracy"] == scores().to_dict()["gaps"]["accuracy"]

    def test_names_do_nothing(self) -> None:
        hostile = "\x1b[31m\udcff\n"
        found = scores(np.where(GROUPS == "mid", hostile, GROUPS))
        assert printable(hostile) in str(found)
        assert hostile not in str(found)
        assert hostile in found.to_dict()["by_group"]

    @pytest.mark.parametrize(
        ("groups", "words"),
        [
            (GROUPS[1:], "299 groups for 300 images"),
            (np.full(N, None), "none is known"),
            (np.arange(N), "300 groups, but expected 100 at most"),
            (np.column_stack([GROUPS, GROUPS]), "groups of shape"),
        ],
    )
    def test_what_is_none_is_refused(self, groups: Any, words: str) -> None:
        with pytest.raises(DataError, match=words):
            scores(groups)


def test_images_of_the_training_data_are_left_out_of_groups_too() -> None:
    images = np.random.default_rng(0).integers(0, 255, (N, 4, 4), dtype=np.uint8)
    report = emotion_report(
        Y, PROBA, groups=GROUPS, images=images, train_images=images[GROUPS == "old"]
    )
    without = report.without_training_images
    assert without is not None
    assert without.groups is not None
    assert list(without.groups.by_group.index) == ["mid", "young"]


def test_the_report_tells_them() -> None:
    report = emotion_report(Y, PROBA, groups=GROUPS)
    assert report.groups is not None
    told = json.loads(json.dumps(report.to_dict()))["groups"]
    row = told["by_group"]["old"]
    assert (row["low"], row["high"]) == wilson_interval(row["accuracy"], row["support"])
    assert report.groups.summary() in str(report)
    assert "which chance may have made" in str(report)
    assert emotion_report(Y, PROBA).to_dict()["groups"] is None
