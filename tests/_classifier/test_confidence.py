"""Probabilities can be calibrated, and images of which a classifier is not sure be rejected."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError, UnsetMetadataPassedError
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from ferclassifier import FERClassifier, FERVotingClassifier
from ferclassifier._classifier.reject_option import RejectOption
from ferclassifier.exceptions import DataError
from ferclassifier.metrics import coverage_accuracy_curve
from helpers import patterns, tiny_classifier

X, Y = patterns(60, seed=5)
# A third of the labels are wrong, so that there is a best temperature.
WRONG = np.arange(60) % 6 < 2
NOISY = np.where(WRONG, (Y + 1) % 3, Y)
NAMES = np.array(["sad", "fear", "happy"])


@pytest.fixture
def clf(fitted: FERClassifier) -> FERClassifier:
    """A fitted classifier that a test may change."""
    return copy.deepcopy(fitted)


@pytest.fixture(scope="module")
def named() -> FERClassifier:
    """A classifier of strings that is sure of few images."""
    return tiny_classifier(epochs=2).fit(X, NAMES[Y])


# Calibration


def test_a_fit_leaves_probabilities_as_the_network_gives_them(clf: FERClassifier) -> None:
    assert clf.temperature_ == 1.0
    proba = clf.predict_proba(X)
    clf.temperature_ = 2.0
    assert_array_equal(clf._uncalibrated_proba(X), proba)
    assert np.abs(clf.predict_proba(X) - proba).max() > 0.01


def test_calibrating_lowers_the_log_loss_and_keeps_the_labels(clf: FERClassifier) -> None:
    labels, before = clf.predict(X), log_loss(NOISY, clf.predict_proba(X))
    assert clf.calibrate(X, NOISY) is clf
    assert isinstance(clf.temperature_, float)
    assert clf.temperature_ > 1.5  # it was sure of all, and a third is wrong
    assert log_loss(NOISY, clf.predict_proba(X)) < before - 0.01
    assert_array_equal(clf.predict(X), labels)


def test_calibrating_again_starts_anew(clf: FERClassifier) -> None:
    first = clf.calibrate(X, NOISY).temperature_
    assert clf.calibrate(X, NOISY).temperature_ == first


def test_the_mean_of_the_views_is_calibrated(clf: FERClassifier) -> None:
    plain = clf.calibrate(X, NOISY).temperature_
    clf.set_params(test_time_augmentation="ten_crop").calibrate(X, NOISY)
    assert clf.temperature_ != plain
    best = log_loss(NOISY, clf.predict_proba(X))
    for other in (0.9, 1.1):
        moved = copy.deepcopy(clf)
        moved.temperature_ *= other
        assert log_loss(NOISY, moved.predict_proba(X)) > best


def test_weights_choose_the_images(clf: FERClassifier) -> None:
    rows = np.arange(60) % 5 > 0
    expected = copy.deepcopy(clf).calibrate(X[rows], NOISY[rows]).temperature_
    assert clf.calibrate(X, NOISY, sample_weight=rows).temperature_ == pytest.approx(expected)


def test_images_of_one_class_are_enough(clf: FERClassifier) -> None:
    rows = NOISY == 1
    assert 1 < clf.calibrate(X[rows], NOISY[rows]).temperature_ < 10


def test_where_all_is_right_the_bound_is_said_to_the_caller(clf: FERClassifier) -> None:
    right = clf.predict(X) == Y
    with pytest.warns(ConvergenceWarning, match="Calibrate on more images") as caught:
        clf.calibrate(X[right], Y[right])
    assert clf.temperature_ == 0.1
    assert caught[0].filename == __file__


def test_a_single_class_has_nothing_to_calibrate() -> None:
    clf = tiny_classifier(epochs=1).fit(X, np.zeros(60)).calibrate(X, np.zeros(60))
    assert clf.temperature_ == 1.0
    assert_array_equal(clf.predict_proba(X), np.ones((60, 1)))


@pytest.mark.parametrize(
    ("labels", "weights", "error", "message"),
    [
        (np.where(Y == 1, 7, Y), None, DataError, r"y holds 7, but the classes are 0, 1, 2"),
        (NAMES[Y], None, DataError, r"y holds 'sad'"),
        (Y[:5], None, ValueError, "inconsistent numbers of samples"),
        (Y, np.zeros(60), ValueError, "nothing to calibrate on"),
        (Y, -np.ones(60), ValueError, "Negative values"),
        (Y, np.ones(3), ValueError, "sample_weight"),
    ],
)
def test_what_cannot_be_calibrated_on_is_refused(
    clf: FERClassifier, labels: Any, weights: Any, error: type[Exception], message: str
) -> None:
    clf.temperature_ = 2.0
    with pytest.raises(error, match=message):
        clf.calibrate(X, labels, weights)
    assert clf.temperature_ == 2.0


def test_what_was_not_fitted_cannot_be_calibrated() -> None:
    with pytest.raises(NotFittedError):
        tiny_classifier().calibrate(X, Y)


def test_the_temperature_is_pickled_and_not_cloned(clf: FERClassifier) -> None:
    clf.calibrate(X, NOISY)
    again = pickle.loads(pickle.dumps(clf))
    assert again.temperature_ == clf.temperature_
    assert_array_equal(again.predict_proba(X), clf.predict_proba(X))
    assert not hasattr(clone(clf), "temperature_")
    assert not hasattr(pickle.loads(pickle.dumps(clone(clf))), "temperature_")


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize("warm_start", [False, True])
def test_training_on_undoes_the_calibration(
    clf: FERClassifier, method: str, warm_start: bool
) -> None:
    clf.set_params(warm_start=warm_start, epochs=1).calibrate(X, NOISY)
    getattr(clf, method)(X, Y)
    assert clf.temperature_ == 1.0


# The reject option


@pytest.mark.parametrize("below", [0.0, 0.4, 0.5, 1.0])
def test_images_below_the_probability_are_rejected(named: FERClassifier, below: float) -> None:
    highest = named.predict_proba(X).max(axis=1)
    labels = named.predict(X, reject_below=below)
    assert_array_equal(labels == "rejected", highest < below)
    kept = highest >= below
    assert_array_equal(labels[kept], named.predict(X)[kept])


def test_some_are_rejected_and_some_are_not(named: FERClassifier) -> None:
    share = (named.predict(X, reject_below=0.5) == "rejected").mean()
    assert 0.1 < share < 0.9


def test_calibrated_probabilities_are_those_that_count(clf: FERClassifier) -> None:
    below = float(clf.predict_proba(X).max(axis=1).min())
    assert (clf.predict(X, reject_below=below) == -1).sum() == 0
    clf.calibrate(X, NOISY)
    rejected = clf.predict(X, reject_below=below) == -1
    assert_array_equal(rejected, clf.predict_proba(X).max(axis=1) < np.float32(below))
    assert rejected.any()


PROBA = np.array([[0.75, 0.25], [0.5, 0.5]], dtype=np.float32)


@pytest.mark.parametrize("temperature", [1.0, 0.7, 3.0])
def test_thresholds_of_a_curve_keep_what_the_curve_says(
    clf: FERClassifier, temperature: float
) -> None:
    """They were rounded apart from the probabilities, and rejected the image they are from."""
    clf.temperature_ = temperature
    both = FERVotingClassifier.from_fitted([("a", clf), ("b", clf)])
    for model in (clf, both):
        curve = coverage_accuracy_curve(Y, model.predict_proba(X), classes=model.classes_)
        kept = [(model.predict(X, reject_below=t) != -1).mean() for t in curve.thresholds]
        assert_allclose(kept, curve.coverage, rtol=1e-12)


@pytest.mark.parametrize(
    ("classes", "label", "expected"),
    [
        (np.array(["a", "b"]), None, ["a", "rejected"]),
        (np.array(["a", "b"]), "a longer label", ["a", "a longer label"]),
        (np.array(["a", "b"]), "", ["a", ""]),
        (np.array(["a", "b"], dtype=object), None, ["a", "rejected"]),
        (np.array([3, 4]), None, [3, -1]),
        (np.array([3, 4], dtype=np.uint8), None, [3, -1]),
        (np.array([3, 4], dtype=np.int8), 1000, [3, 1000]),
        (np.array([3, 4], dtype=np.int8), -0.1, [3.0, -0.1]),
        (np.array([0.1, 0.2]), None, [0.1, -1.0]),
        (np.array([False, True]), None, [0, -1]),
    ],
)
def test_labels_of_any_kind_have_room_for_another(classes: Any, label: Any, expected: Any) -> None:
    labels = RejectOption(classes, 0.6, label).labels_of(PROBA)
    assert labels.tolist() == expected
    assert labels.dtype.kind == np.asarray(classes, dtype=labels.dtype).dtype.kind


def test_without_the_option_labels_keep_their_type() -> None:
    classes = np.array([3, 4], dtype=np.uint8)
    assert RejectOption(classes, None).labels_of(PROBA).dtype == np.uint8
    assert RejectOption(classes, 0.0).labels_of(PROBA).tolist() == [3, 3]


@pytest.mark.parametrize("below", [0.7, np.float64(0.7), np.float32(0.7)])
def test_the_bound_itself_is_not_rejected(below: Any) -> None:
    proba = np.array([[0.7, 0.3]], dtype=np.float32)
    assert RejectOption(np.array([0, 1]), below).labels_of(proba).tolist() == [0]


@pytest.mark.parametrize(
    ("classes", "below", "label", "message"),
    [
        ([0, 1], -0.1, None, r"reject_below=-0\.1, but expected a probability"),
        ([0, 1], 1.1, None, r"reject_below=1\.1"),
        ([0, 1], float("nan"), None, "reject_below=nan"),
        ([0, 1], "0.5", None, r"reject_below='0\.5'"),
        ([0, 1], None, 9, "reject_label=9 without reject_below"),
        ([0, 1], 0.5, "unsure", "reject_label='unsure', but the classes are numbers.*such as -1"),
        (["a", "b"], 0.5, -1, "reject_label=-1, but the classes are strings.*'rejected'"),
        (["a", "b"], 0.5, "b", r"reject_label='b' is one of the classes \['a', 'b'\]"),
        (["a", "rejected"], 0.5, None, "reject_label='rejected' is one of the classes"),
        ([-1, 1], 0.5, None, "reject_label=-1 is one of the classes"),
        ([-1.0, 1.0], 0.5, None, "Pass another reject_label"),
    ],
)
def test_what_makes_no_reject_option_is_refused(
    classes: Any, below: Any, label: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        RejectOption(np.array(classes), below, label)


def test_the_option_is_checked_before_anything_is_predicted(clf: FERClassifier) -> None:
    with pytest.raises(ValueError, match="reject_below=2"):
        clf.predict("no images", reject_below=2)


def test_pipelines_hand_the_option_on(named: FERClassifier) -> None:
    model = make_pipeline(FunctionTransformer(lambda X: X.reshape(len(X), -1)), named)
    expected = named.predict(X, reject_below=0.5, reject_label="?")
    assert_array_equal(model.predict(X, reject_below=0.5, reject_label="?"), expected)


def test_metadata_routing_hands_the_option_on(named: FERClassifier) -> None:
    expected = named.predict(X, reject_below=0.5)
    with sklearn.config_context(enable_metadata_routing=True):
        model = make_pipeline(FunctionTransformer(), copy.deepcopy(named))
        with pytest.raises(UnsetMetadataPassedError):
            model.predict(X, reject_below=0.5)
        model[-1].set_predict_request(reject_below=True)
        assert_array_equal(model.predict(X, reject_below=0.5), expected)


# Scores


class TestScore:
    def test_it_is_the_share_of_right_predictions(self, named: FERClassifier) -> None:
        truth = NAMES[NOISY]
        right = named.predict(X) == truth
        assert named.score(X, truth) == pytest.approx(right.mean())
        assert named.score(X, list(truth), Y) == pytest.approx(np.average(right, weights=Y))

    def test_codes_are_told_from_names(self, named: FERClassifier, fitted: FERClassifier) -> None:
        with pytest.raises(
            DataError, match=r"Got the labels 0, 1 and 2, but .* on 'fear', 'happy'"
        ):
            named.score(X, Y)
        with pytest.raises(DataError, match=r"Got the labels 'fear', .* fitted on 0, 1"):
            fitted.score(X, NAMES[Y])

    @pytest.mark.parametrize(
        ("spelled", "told"),
        [
            ({"sad": "Sad"}, "other spellings of those that it knows: 'Sad' for 'sad'"),
            ({"sad": "sadness", "fear": "FEARFUL"}, "'FEARFUL' for 'fear' and 'sadness' for 'sad'"),
            ({"sad": "a", "fear": "b", "happy": "c"}, "all of them: 'a', 'b' and 'c'. It was"),
        ],
    )
    def test_names_in_another_spelling_are_no_mistakes_of_the_classifier(
        self, named: FERClassifier, spelled: dict[str, str], told: str
    ) -> None:
        """The accuracy was lower, or 0, without a word."""
        labels = [spelled.get(name, name) for name in NAMES[Y]]
        with pytest.warns(UserWarning, match=told):
            accuracy = named.score(X, labels)
        assert accuracy == np.mean(named.predict(X) == labels)

    def test_a_class_that_a_fold_lacks_counts_as_wrong(self, named: FERClassifier) -> None:
        labels = np.where(np.arange(len(Y)) < 30, "surprise", NAMES[Y])
        assert named.score(X, labels) == np.mean(named.predict(X) == labels)
