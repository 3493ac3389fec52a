"""What raters said is compared with what was predicted, and with what other raters said."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import rel_entr

from ferclassifier.exceptions import DataError
from ferclassifier.metrics import VoteScores, emotion_report, wilson_interval
from ferclassifier.metrics._vote_scores import _interval

EIGHT = ["angry", "contempt", "disgust", "fear", "happy", "neutral", "sad", "surprise"]
SEVEN = [name for name in EIGHT if name != "contempt"]
NAMES = ["happy", "sad", "contempt", "unknown", "no face"]
# Happy by seven, a single vote beside; a tie; unknown; contempt; not asked; all say sad.
VOTES = np.array(
    [
        (7, 2, 1, 0, 0),
        (5, 5, 0, 0, 0),
        (1, 2, 0, 7, 0),
        (2, 0, 8, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 10, 0, 0, 0),
    ]
)
PROBA = np.array([(0.8, 0.2), (0.3, 0.7), (0.4, 0.6), (0.9, 0.1), (0.5, 0.5), (0.6, 0.4)])
Y = np.array(["happy", "happy", "sad", "happy", "sad", "sad"])


def scores(
    votes: Any = VOTES, proba: Any = PROBA, y: Any = Y, names: Any = NAMES, **options: Any
) -> VoteScores:
    options = {"classes": ["happy", "sad"], **options}
    found = emotion_report(y, proba, votes=votes, vote_names=names, **options).votes
    assert found is not None
    return found


def assert_same(one: VoteScores, other: VoteScores) -> None:
    assert one.to_dict().keys() == other.to_dict().keys()
    for told, expected in zip(vars(one).values(), vars(other).values(), strict=True):
        if isinstance(told, pd.DataFrame):
            pd.testing.assert_frame_equal(told, expected)
        else:
            assert told == pytest.approx(expected, nan_ok=True, rel=1e-12)


class TestScores:
    def test_images_are_counted_by_what_was_said(self) -> None:
        found = scores()
        assert (found.n_images, found.n_left_out, found.n_with_majority) == (4, 2, 3)

    def test_accuracy_is_that_of_images_with_a_majority(self) -> None:
        """Right on the first alone: contempt is none of the classes."""
        found = scores()
        assert found.accuracy == pytest.approx(1 / 3)
        assert found.accuracy_interval == wilson_interval(1 / 3, 3)

    def test_agreement_is_that_with_all_votes(self) -> None:
        found = scores()
        assert found.agreement_with_rater == pytest.approx((0.7 + 0.5 + 0.2 + 0) / 4)
        pairs = [(7 * 6 + 2 * 1) / 90, 2 * 20 / 90, (2 + 8 * 7) / 90, 1]
        assert found.rater_agreement == pytest.approx(np.mean(pairs))
        assert found.highest_agreement == pytest.approx((0.7 + 0.5 + 0.2 + 1) / 4)
        mean, reach = np.mean(pairs), 1.959964 * np.std(pairs, ddof=1) / 2
        assert found.rater_agreement_interval == pytest.approx((mean - reach, min(1, mean + reach)))

    def test_rater_agreement_is_that_of_two_raters_drawn(self) -> None:
        raters = np.repeat(np.arange(5), VOTES[0])
        same = [a == b for i, a in enumerate(raters) for j, b in enumerate(raters) if i != j]
        found = scores(VOTES[:1], PROBA[:1], Y[:1])
        assert found.rater_agreement == pytest.approx(np.mean(same))
        assert np.isnan(found.rater_agreement_interval).all()

    def test_divergence_is_from_the_shares_without_outliers(self) -> None:
        """Of the fourth image contempt is left out, as the classifier cannot say it."""
        found = scores()
        q = np.array([(7 / 9, 2 / 9), (0.5, 0.5), (1, 0), (0, 1)])
        p = PROBA[[0, 1, 3, 5]]
        assert found.kl_divergence == pytest.approx(rel_entr(q, p).sum(axis=1).mean())
        assert found.kl_of_mean_votes == pytest.approx(
            rel_entr(q, q.mean(axis=0)).sum(axis=1).mean()
        )
        assert found.log_loss == pytest.approx(-(q * np.log(p)).sum(axis=1).mean())

    def test_a_probability_of_zero_costs_a_finite_divergence(self) -> None:
        found = scores(VOTES[5:], [[1.0, 0.0]], Y[5:])
        assert found.kl_divergence == pytest.approx(-math.log(np.finfo(float).eps))

    def test_by_agreement(self) -> None:
        table = scores().by_agreement
        assert table.index.tolist() == [7, 8, 10]
        assert table.index.name == "raters"
        assert table["accuracy"].tolist() == [1, 0, 0]
        assert table["support"].tolist() == [1, 1, 1]
        assert tuple(table.loc[7, ["low", "high"]]) == wilson_interval(1, 1)

    def test_of_many_raters_agreement_is_told_in_tenths(self) -> None:
        table = scores(3 * VOTES).by_agreement
        assert table.index.tolist() == [0.7, 0.8, 1.0]
        assert table.index.name == "share of raters"

    def test_one_rater_is_no_outlier(self) -> None:
        found = scores(np.eye(2, dtype=int)[[0, 0, 1, 0, 1, 1]], names=["happy", "sad"])
        assert found.n_with_majority == 6
        assert found.accuracy == found.agreement_with_rater == pytest.approx(3 / 6)
        assert math.isnan(found.rater_agreement)

    def test_without_a_majority_there_is_no_accuracy(self) -> None:
        found = scores(VOTES[1:2], PROBA[1:2], Y[1:2])
        assert found.n_with_majority == 0
        assert math.isnan(found.accuracy)
        assert found.by_agreement.empty
        assert found.to_dict()["accuracy_interval"] == [None, None]
        assert str(found).startswith("Agrees with a rater on 50.0 % of 1 image\n(two raters")

    def test_without_any_emotion_there_are_no_scores(self) -> None:
        found = scores(VOTES[2:3], PROBA[2:3], Y[2:3])
        assert (found.n_images, found.n_left_out) == (0, 1)
        assert math.isnan(found.kl_divergence)
        assert str(found) == "None of the images was given a label by its raters"

    def test_other_scores_are_those_of_the_labels(self) -> None:
        with_votes = emotion_report(
            Y, PROBA, classes=["happy", "sad"], votes=VOTES, vote_names=NAMES
        ).to_dict()
        without = emotion_report(Y, PROBA, classes=["happy", "sad"]).to_dict()
        assert json.loads(json.dumps(with_votes.pop("votes")))["by_agreement"]["7"]["support"] == 1
        assert without.pop("votes") is None
        assert with_votes == without

    def test_the_summary_says_them(self) -> None:
        report = emotion_report(Y, PROBA, classes=["happy", "sad"], votes=VOTES, vote_names=NAMES)
        assert report.votes is not None
        assert report.votes.summary() in report.summary()
        assert "Accuracy against the majority of raters 33.3 % on 3 images (6.1 to 79.2 %)" in str(
            report
        )
        assert "(two raters agree on" in str(report)
        assert max(map(len, report.summary().splitlines())) <= 80


class TestShares:
    def test_scores_are_those_of_the_same_counts_but_for_pairs(self) -> None:
        counts = np.array([(6, 4), (3, 7), (0, 10), (0, 0)])
        sums = counts.sum(axis=1, keepdims=True)
        shares = (counts / np.maximum(sums, 1)).astype(np.float32)
        options = {"proba": PROBA[:4], "y": Y[:4], "names": ["happy", "sad"]}
        one, other = scores(shares, **options), scores(counts, **options)
        assert math.isnan(one.rater_agreement)
        assert one.by_agreement.index.tolist() == [0.6, 0.7, 1.0]
        for name in ("n_images", "n_left_out", "accuracy", "agreement_with_rater", "log_loss"):
            assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-6)
        assert "two raters" not in one.summary()

    def test_a_half_is_no_majority_however_it_is_rounded(self) -> None:
        thirds = np.array([[0.5, 0.3, 0.2 - 1e-8]])
        assert scores(thirds, PROBA[:1], Y[:1], NAMES[:3]).n_with_majority == 0

    def test_whole_floats_are_counts(self) -> None:
        assert_same(scores(VOTES.astype(float)), scores())


class TestWeights:
    def test_whole_weights_repeat_images(self) -> None:
        times = np.array([2, 1, 3, 2, 1, 4])
        copies = np.repeat(np.arange(6), times)
        repeated = scores(VOTES[copies], PROBA[copies], Y[copies])
        assert_same(scores(sample_weight=times), repeated)

    def test_images_without_weight_are_not_looked_at(self) -> None:
        votes = VOTES.astype(float)
        votes[1] = np.nan
        kept = [0, 2, 3, 4, 5]
        weights = np.array([0.5, 0, 1.5, 2, 1, 1])
        expected = scores(VOTES[kept], PROBA[kept], Y[kept], sample_weight=weights[kept])
        assert_same(scores(votes, sample_weight=weights), expected)

    def test_an_interval_is_wide_enough_for_19_means_of_20(self) -> None:
        rng = np.random.default_rng(0)
        values = rng.binomial(10, 0.7, (1_000, 200)) / 10
        low, high = np.array([_interval(row, np.ones(200), 1.0) for row in values]).T
        assert ((low < 0.7) & (high > 0.7)).mean() == pytest.approx(0.95, abs=0.02)


class TestColumns:
    """The columns of votes stand for classes by their names, in any order."""

    @pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [4, 2, 0, 3, 1]])
    @pytest.mark.parametrize("classes", [["happy", "sad"], ["sad", "happy"]])
    @pytest.mark.parametrize("as_frame", [False, True])
    def test_order_does_not_matter(
        self, order: list[int], classes: list[str], as_frame: bool
    ) -> None:
        names = [NAMES[i] for i in order]
        votes: Any = VOTES[:, order]
        proba = PROBA[:, [["happy", "sad"].index(name) for name in classes]]
        if as_frame:
            votes, names = pd.DataFrame(votes, columns=names), None  # type: ignore[assignment]
        assert_same(scores(votes, proba, names=names, classes=classes), scores())

    def test_those_of_microsoft_are_synonyms(self) -> None:
        columns = ["happiness", "sadness", "contempt", "unknown", "NF"]
        assert_same(scores(pd.DataFrame(VOTES, columns=columns), names=None), scores())

    @pytest.mark.parametrize("classes", [EIGHT, SEVEN, SEVEN[::-1], ["sad", "happy"]])
    @pytest.mark.parametrize("n_columns", [10, 8])
    def test_those_of_ferplus_are_known(self, classes: list[str], n_columns: int) -> None:
        rng = np.random.default_rng(0)
        all_names = [*EIGHT, "unknown", "no face"][:n_columns]
        votes = rng.multinomial(10, np.ones(n_columns) / n_columns, 30)
        proba, y = rng.dirichlet(np.ones(len(classes)), 30), rng.choice(classes, 30)
        expected = scores(votes, proba, y, all_names, classes=classes)
        assert_same(scores(votes, proba, y, None, classes=classes), expected)

    def test_of_as_many_columns_as_unsorted_classes_the_names_are_asked_for(self) -> None:
        with pytest.raises(DataError, match=r"nothing says what the columns.*vote_names"):
            scores(VOTES[:, :2], names=None, classes=["sad", "happy"])

    def test_codes_in_another_order_are_noticed(self) -> None:
        """Columns by the alphabet, classes by the codes of FER-2013."""
        rng = np.random.default_rng(0)
        codes = rng.integers(0, 7, 300)
        by_name = np.argsort(np.argsort(["angry", "disgust", "fear", "happy", "sad", "surprise",
                                         "neutral"]))  # fmt: skip
        votes = 10 * np.eye(7, dtype=int)[by_name[codes]]
        with pytest.raises(DataError, match="Got votes that say the label of"):
            scores(votes, np.eye(7)[codes], codes, None, classes=range(7))

    def test_a_class_may_be_called_unknown(self) -> None:
        found = scores(
            VOTES[:, [0, 1, 3]], np.full((6, 3), 1 / 3), Y, ["happy", "sad", "unknown"],
            classes=["happy", "sad", "unknown"],
        )  # fmt: skip
        assert found.n_with_majority == 4


@pytest.mark.parametrize(
    ("votes", "options", "message"),
    [
        (VOTES[:5], {}, r"votes of shape \(5, 5\), but expected \(6, n_answers\)"),
        (VOTES[:, 0], {}, r"votes of shape \(6,\)"),
        (VOTES[..., None], {}, r"votes of shape \(6, 5, 1\)"),
        (np.where(VOTES == 7, np.nan, VOTES), {}, "votes that hold nan"),
        (np.where(VOTES == 7, np.inf, VOTES), {}, "votes that hold inf"),
        (-VOTES, {}, "votes that hold -"),
        (0 * VOTES, {}, "All votes are zero"),
        (VOTES.astype(str).astype(object) + "x", {}, "expected numbers"),
        (VOTES * 1.05, {}, "a row sums to 10.5, but expected whole numbers"),
        (VOTES, {"names": NAMES[:4]}, "for votes of 5 columns"),
        (VOTES, {"names": ["happy"] * 5}, "all different"),
        (VOTES, {"names": ["happy", *"abcd"]}, "no column for 'sad'"),
        (VOTES, {"names": None}, "nothing says what the columns stand for"),
        (pd.DataFrame(VOTES, columns=NAMES), {"names": NAMES[::-1]}, "Leave vote_names out"),
        (None, {}, "vote_names without votes"),
    ],
)
def test_what_is_no_votes_is_refused(votes: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        scores(votes, **options)
    assert len(str(caught.value).splitlines()) == 1


def test_images_of_the_training_data_are_left_out_of_votes_too() -> None:
    images = np.arange(6 * 16, dtype=np.uint8).reshape(6, 4, 4)
    options: dict[str, Any] = {"classes": ["happy", "sad"], "vote_names": NAMES}
    report = emotion_report(
        Y, PROBA, votes=VOTES, images=images, train_images=images[:2], **options
    )
    without = report.without_training_images
    assert without is not None
    assert without.votes is not None
    assert_same(without.votes, scores(VOTES[2:], PROBA[2:], Y[2:]))
    seen = np.array([0, 1, 3, 5])
    rest = emotion_report(
        Y, PROBA, votes=VOTES, images=images, train_images=images[seen], **options
    ).without_training_images
    assert rest is not None
    assert rest.votes is not None
    assert rest.votes.n_images == 0
