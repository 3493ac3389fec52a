"""The images that a model was trained on, as far as the package knows: those of released models."""

from __future__ import annotations

from typing import Any

from ferclassifier._classifier.classifier import FERClassifier
from ferclassifier._classifier.voting import FERVotingClassifier
from ferclassifier._files.released import has_weights_of, networks, training_digests
from ferclassifier.images._shared import KnownImages

_SHAPE = (48, 48, 1)


def training_images_of(model: Any) -> KnownImages | None:
    """Return the training images of a model that has the weights of a released one.

    It is known by its weights alone: a model that was loaded, calibrated, saved or pickled still
    has them, and one that was fitted anew, or further, has others.

    Parameters
    ----------
    model : estimator
        Fitted; of an ensemble, the members are looked at.

    Returns
    -------
    known : KnownImages or None
        None where nothing is known. Of an ensemble, some members may have been trained on more.
    """
    members = model.estimators_ if isinstance(model, FERVotingClassifier) else [model]
    n_released = sum(released_name(member) is not None for member in members)
    digests = training_digests() if n_released else b""
    if not digests:
        return None
    learners = "the model was" if n_released == len(members) else "members of the model were"
    return KnownImages(digests, _SHAPE, f"{learners} trained on")


def released_name(model: Any) -> str | None:
    """Return the name of the released network whose weights a model has; None where it has others.

    Parameters
    ----------
    model : estimator
        Fitted.
    """
    if not isinstance(model, FERClassifier) or model.image_shape_ != _SHAPE:
        return None
    weights = model._network.named_weights()
    return next((name for name in networks() if has_weights_of(name, weights)), None)
