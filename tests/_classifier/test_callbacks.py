"""scikit-learn's callbacks look into a fit, and into a search around it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from ferclassifier import FERClassifier, HistogramEqualizer, ImageReader, PixelScaler
from ferclassifier._utils.fit_tasks import FitTasks
from helpers import patterns, tiny_classifier

sklearn_callback = pytest.importorskip("sklearn.callback", reason="new in scikit-learn 1.9")


class Witness:
    """Writes down the path of every task that ends, and may stop the fit."""

    max_propagation_depth = None

    def __init__(self, stop_after: int | None = None) -> None:
        self.begun: list[tuple[str, ...]] = []
        self.ended: list[tuple[str, ...]] = []
        self.models: list[FERClassifier] = []
        self._stop_after = stop_after

    def setup(self, estimator: Any, context: Any) -> None: ...

    def teardown(self, estimator: Any, context: Any) -> None: ...

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        self.begun.append(self._path(context))

    def on_fit_task_end(
        self, estimator: Any, context: Any, *, fitted_estimator: Any = None
    ) -> bool:
        self.ended.append(self._path(context))
        if context.task_name == "epoch":
            self.models.append(fitted_estimator)
            return context.task_id + 1 == self._stop_after
        return False

    @staticmethod
    def _path(context: Any) -> tuple[str, ...]:
        path: list[str] = []
        while context is not None:
            path.insert(0, f"{context.estimator_name}:{context.task_name}")
            context = context.parent
        return tuple(path)


def test_a_fit_is_a_task_with_its_epochs() -> None:
    X, y = patterns(30)
    witness = Witness()
    tiny_classifier(epochs=2).set_callbacks(witness).fit(X, y)
    fit, epoch = "FERClassifier:fit", "FERClassifier:epoch"
    assert witness.begun == [(fit,), (fit, epoch), (fit, epoch)]
    assert witness.ended == [(fit, epoch), (fit, epoch), (fit,)]


@pytest.mark.parametrize("average_weights", [False, 0.5])
def test_a_callback_gets_the_model_as_if_the_fit_had_ended(average_weights: Any) -> None:
    X, y = patterns(30)
    params = {"learning_rate_schedule": "constant", "average_weights": average_weights}
    witness = Witness()
    tiny_classifier(epochs=3, **params).set_callbacks(witness).fit(X, y)
    second = witness.models[1]
    shorter = tiny_classifier(epochs=2, **params).fit(X, y)
    assert second.n_iter_ == 2
    assert second.history_["loss"] == shorter.history_["loss"]
    if not average_weights:  # the statistics of averaged weights are computed at the end alone
        assert_array_equal(second.predict_proba(X), shorter.predict_proba(X))
    trained = second._network.keras_model.trainable_variables
    expected = shorter._network.keras_model.trainable_variables
    for got, wanted in zip(trained, expected, strict=True):
        assert_allclose(got.numpy(), wanted.numpy(), rtol=1e-6)


def test_a_callback_stops_the_fit() -> None:
    X, y = patterns(30)
    clf = tiny_classifier(epochs=5).set_callbacks(Witness(stop_after=2)).fit(X, y)
    assert clf.n_iter_ == 2
    assert len(clf.history_["loss"]) == 2


def test_scores_of_each_epoch_are_monitored() -> None:
    X, y = patterns(60)
    monitor = sklearn_callback.ScoringMonitor(scoring="accuracy")
    clf = tiny_classifier(epochs=4).set_callbacks(monitor).fit(X, y)
    rows = [row for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    assert [row["task_id"] for row in rows] == [0, 1, 2, 3]
    assert rows[-1]["accuracy"] == clf.score(X, y)
    assert rows[0]["accuracy"] < rows[-1]["accuracy"]


def test_scores_of_a_monitor_are_weighted() -> None:
    X, y = patterns(60)
    weights = np.where(y == 0, 1.0, 1e-3)
    monitor = sklearn_callback.ScoringMonitor(scoring="accuracy")
    clf = tiny_classifier(epochs=1).set_callbacks(monitor).fit(X, y, sample_weight=weights)
    assert monitor.get_logs().data[0]["accuracy"] == clf.score(X, y, sample_weight=weights)


def test_search_pipeline_fit_and_epoch_are_nested() -> None:
    X, y = patterns(30)
    witness = Witness()
    model = make_pipeline(PixelScaler(), tiny_classifier(epochs=2))
    search = GridSearchCV(model, {"ferclassifier__learning_rate": [0.01]}, cv=2, refit=False)
    search.set_callbacks(witness).fit(X, y)
    epochs = [path for path in witness.ended if path[-1] == "FERClassifier:epoch"]
    assert len(epochs) == 4
    for path in epochs:
        assert path[0] == "GridSearchCV:fit"
        assert path[-2] == "FERClassifier:fit"
        assert any(task.startswith("Pipeline:") for task in path)


def test_a_progress_bar_shows_the_nested_tasks(capsys: pytest.CaptureFixture[str]) -> None:
    X, y = patterns(30)
    bar = sklearn_callback.ProgressBar(max_propagation_depth=None)
    model = make_pipeline(PixelScaler(), tiny_classifier(epochs=2))
    search = GridSearchCV(model, {"ferclassifier__learning_rate": [0.01]}, cv=2, refit=False)
    search.set_callbacks(bar).fit(X, y)
    shown = capsys.readouterr().out
    for name in ("GridSearchCV", "Pipeline", "FERClassifier"):
        assert name in shown


def test_without_callbacks_in_scikit_learn_nobody_is_told() -> None:
    class Old:
        """An estimator of scikit-learn below 1.9."""

    tasks = FitTasks(Old(), [], [], None, 3)
    tasks.begin_epoch()
    assert tasks.end_epoch(dict) is False
    tasks.end()


def test_partial_fit_is_no_fit_to_a_callback() -> None:
    X, y = patterns(30)
    witness = Witness()
    clf = tiny_classifier().set_callbacks(witness)
    clf.partial_fit(X, y, classes=[0, 1, 2])
    assert witness.begun == []


def test_transformers_do_not_hold_a_callback_up() -> None:
    """scikit-learn warns of a step in a Pipeline that knows nothing of callbacks."""
    X, _ = patterns(4)
    witness = Witness()
    images = [Image.fromarray(image) for image in X]
    model = make_pipeline(ImageReader((12, 12)), HistogramEqualizer(), PixelScaler())
    model.set_callbacks(witness).fit(images)
    steps = [path[-1] for path in witness.ended if not path[-1].startswith("Pipeline:")]
    assert steps == ["ImageReader:fit", "HistogramEqualizer:fit", "PixelScaler:fit"]
