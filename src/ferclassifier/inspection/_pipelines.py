"""The classifier inside searches and pipelines, and what is done to images on the way to it."""

from __future__ import annotations

from typing import Any


def split_pipeline(estimator: Any) -> tuple[list[Any], Any]:
    """Return the transformers that predictions pass through, and the classifier behind them.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier, or pipelines and searches around one, nested in any way.

    Returns
    -------
    transformers : list of transformer
        In their order. Samplers, which act in `fit` alone, are left out.
    classifier : estimator
    """
    if hasattr(estimator, "best_estimator_"):
        return split_pipeline(estimator.best_estimator_)
    if not hasattr(estimator, "steps") or not hasattr(estimator, "named_steps"):
        return [], estimator
    *before, (_, last) = estimator.steps
    transformers = [step for _, step in before if hasattr(step, "transform")]
    inner, classifier = split_pipeline(last)
    return [*transformers, *inner], classifier


def transformed(transformers: list[Any], X: Any) -> Any:
    """Pass images through transformers, one after the other."""
    for transformer in transformers:
        X = transformer.transform(X)
    return X
