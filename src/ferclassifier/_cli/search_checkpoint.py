"""Fits of a search that are made once: their scores stand in a file, with which it goes on."""

from __future__ import annotations

import json
import warnings
from collections import defaultdict
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any, Self

import numpy as np
from sklearn.base import clone
from sklearn.metrics import get_scorer

from ferclassifier._classifier import FERClassifier
from ferclassifier._files.checkpoint import Fingerprint
from ferclassifier._files.search_scores import FoldScore, SearchScores
from ferclassifier._version import __version__


def search_fingerprint(X: Any, y: Any, cv: int, scoring: str) -> Fingerprint:
    """Return what tells a search from others, whatever candidates it has."""
    return {
        "ferclassifier": (__version__, __version__),
        "X": ("", _digest(X)),
        "y": ("", _digest(y)),
        "cv": (str(cv), str(cv)),
        "scoring": (repr(scoring), scoring),
    }


class RememberedFit(FERClassifier):
    """A candidate of a search whose `checkpoint` is the file with the scores of the search.

    If there are scores of it, it is fitted only once another one is asked for. What it is fitted
    by is a FERClassifier without a checkpoint.
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Fit, or find out what came of it before."""
        self.scores_ = SearchScores(Path(str(self.checkpoint)))
        self.candidate_ = candidate_key(self)
        self.fit_ = _key(self.candidate_, X, y)
        self.known_ = {s.images: s.score for s in self.scores_.all() if s.fit == self.fit_}
        self.given_ = X, y
        self.fitted_: FERClassifier | None = None
        if not self.known_:
            self.fit_now()
        return self

    def fit_now(self) -> FERClassifier:
        """Return what is fitted, which may take its time."""
        if self.fitted_ is None:
            start = perf_counter()
            self.fitted_ = FERClassifier(**_parameters(self)).fit(*self.given_)
            self.fit_seconds_ = perf_counter() - start
        return self.fitted_


@dataclass(frozen=True)
class RememberedScore:
    """What scores a `RememberedFit`, and writes it down.

    Parameters
    ----------
    scoring : str
        A name of :func:`sklearn.metrics.get_scorer_names`.
    """

    scoring: str

    def __call__(self, clf: RememberedFit, X: Any, y: Any) -> float:
        """Return the score, of now or of before."""
        images = _key("", X, y)
        if images in clf.known_:
            return clf.known_[images]
        score = float(get_scorer(self.scoring)(clf.fit_now(), X, y))
        try:
            clf.scores_.add(FoldScore(clf.fit_, images, clf.candidate_, score, clf.fit_seconds_))
        except OSError as error:  # hours of other fits are not to be lost for that
            warnings.warn(
                f"{clf.checkpoint}: a score cannot be kept ({error.strerror}), so that this fit is "
                "made again if the search is interrupted.",
                stacklevel=2,
            )
        return score


def set_fit_times(search: Any, checkpoint: Path) -> None:
    """Put the times of all fits into what a search found, those of before as well."""
    seconds: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for score in SearchScores(checkpoint).all():
        seconds[score.candidate][score.fit] = score.fit_seconds
    results = search.cv_results_
    for i, params in enumerate(results["params"]):
        candidate = clone(search.estimator).set_params(**params)
        if of_candidate := [*seconds[candidate_key(candidate)].values()]:
            results["mean_fit_time"][i] = np.mean(of_candidate)
            results["std_fit_time"][i] = np.std(of_candidate)


def candidate_key(clf: FERClassifier) -> str:
    """Return what tells the parameters of a candidate from others."""
    text = json.dumps(_parameters(clf), sort_keys=True, default=repr)
    return sha256(text.encode()).hexdigest()


def _parameters(clf: FERClassifier) -> dict[str, Any]:
    return {**clf.get_params(deep=False), "checkpoint": None}


def _key(text: str, X: Any, y: Any) -> str:
    return sha256((text + _digest(X) + _digest(y)).encode()).hexdigest()


def _digest(values: Any) -> str:
    array = np.ascontiguousarray(values)
    described = f"{array.dtype.str} {array.shape} "
    content = json.dumps(array.tolist()).encode() if array.dtype == object else array.data
    return sha256(described.encode() + bytes(content)).hexdigest()
