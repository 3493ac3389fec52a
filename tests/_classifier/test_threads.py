"""Threads that share one model, and fits side by side, give what they give alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from ferclassifier import FERClassifier
from helpers import patterns, tiny_classifier


def at_once(tasks: list[Callable[[], Any]]) -> list[Any]:
    """Run each task in a thread of its own, all of them beginning together."""
    together = threading.Barrier(len(tasks), timeout=60)

    def begin(task: Callable[[], Any]) -> Any:
        together.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return [future.result(timeout=300) for future in [pool.submit(begin, t) for t in tasks]]


def test_sixteen_threads_ask_one_model(fitted: FERClassifier, pattern_images: Any) -> None:
    X, _ = pattern_images
    parts = [X[i : i + 1 + 2 * i] for i in range(16)]
    expected = [fitted.predict_proba(part) for part in parts]

    def ask(i: int) -> list[np.ndarray]:
        return [fitted.predict_proba(parts[i]) for _ in range(6)]

    found = at_once([lambda i=i: ask(i) for i in range(16)])
    for i in range(16):
        for answer in found[i]:
            np.testing.assert_array_equal(answer, expected[i])


def test_sixteen_threads_ask_a_model_that_was_never_asked(saved: Any, pattern_images: Any) -> None:
    """Its prediction is compiled by the first of them."""
    X, _ = pattern_images
    expected = FERClassifier.load(saved).predict_proba(X)
    clf = FERClassifier.load(saved)
    for answer in at_once([lambda: clf.predict_proba(X)] * 16):
        np.testing.assert_array_equal(answer, expected)


def test_eight_classifiers_are_fitted_at_once() -> None:
    """Of equal networks, which are lent from a pool, and of others."""

    def fit(i: int) -> np.ndarray:
        X, y = patterns(30, seed=i % 3)
        clf = tiny_classifier(
            epochs=2,
            random_state=i,
            learning_rate=0.01 * (1 + i),
            mixup=0.2 * (i % 2),
            augmentation="standard" if i % 2 else None,
        )
        return clf.fit(X, y).predict_proba(X)

    alone = [fit(i) for i in range(8)]
    for found, expected in zip(at_once([lambda i=i: fit(i) for i in range(8)]), alone, strict=True):
        np.testing.assert_array_equal(found, expected)
