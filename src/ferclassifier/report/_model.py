"""What there is to say of a classifier before its scores: what it is, and how it came about."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ferclassifier._classifier import FERClassifier
from ferclassifier.inspection._pipelines import split_pipeline

_PACKAGES = ("ferclassifier", "scikit-learn", "numpy")
_PACKAGES_OF_NETWORKS = ("keras", "tensorflow")


def model_card(estimator: Any) -> dict[str, Any]:
    """Describe a fitted classifier.

    Parameters
    ----------
    estimator : estimator
        Any of scikit-learn's, or a pipeline or a search around one; of FERClassifier there is
        more to say.

    Returns
    -------
    card : dict of str to str, int, float, list or dict
        "model" is the classifier with the parameters that differ from their defaults, "steps"
        what comes before it in a pipeline, "versions" those of the packages of the moment.
    """
    transformers, classifier = split_pipeline(estimator)
    card: dict[str, Any] = {"model": " ".join(repr(classifier).split())}
    if transformers:
        card["steps"] = [" ".join(repr(step).split()) for step in transformers]
    packages = list(_PACKAGES)
    if isinstance(classifier, FERClassifier):
        card.update(_describe_network(classifier))
        packages += _PACKAGES_OF_NETWORKS
    card["versions"] = {name: found for name in packages if (found := _version_of(name))}
    return card


def _describe_network(classifier: Any) -> dict[str, Any]:
    height, width, channels = classifier.image_shape_
    network = classifier._network_facts()
    card = {
        "architecture": network.architecture,
        "weights": network.n_weights,
        "images": f"{height} x {width}, {'gray' if channels == 1 else 'in colour'}",
        "pixels": str(classifier.pixel_scale_),
        "epochs": int(classifier.n_iter_),
        "minutes_of_training": round(sum(classifier.history_.get("seconds", [])) / 60, 1),
    }
    if classifier.best_epoch_ is not None:
        card["best_epoch"] = int(classifier.best_epoch_)
    return card


def _version_of(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
