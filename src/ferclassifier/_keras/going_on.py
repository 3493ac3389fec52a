"""What may change where training goes on from the weights at hand.

========================================  ==================================================
classes, scale of the pixels              stay: compared where labels and images are checked
size and channels of the images           stay
architecture and its parameters           may change if every weight keeps its shape
all that has no weights                   may change: optimizer, augmentation, loss, epochs
========================================  ==================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ferclassifier.exceptions import ArchitectureError, ImageError
from ferclassifier.images._arrays import ImageShape

if TYPE_CHECKING:
    from ferclassifier._keras.spec import NetworkSpec

_REMEDY = (
    "warm_start and partial_fit go on from the weights of the last fit. Set it back, or fit anew: "
    "with warm_start=False, or a clone of the classifier."
)


def check_image_shape(wanted: Sequence[int] | None, fitted: ImageShape) -> None:
    """Refuse an `image_shape` that is another than that of the images of earlier fits.

    Raises
    ------
    ImageError
        If it is.
    """
    if wanted is not None and (*wanted, 1)[:3] != fitted:
        raise ImageError(
            f"Got image_shape={tuple(wanted)}, but the last fit had images of shape {fitted}: "
            f"{_REMEDY}"
        )


def check_weights_fit(
    before: NetworkSpec, weights: Sequence[Any], spec: NetworkSpec, model: Any
) -> None:
    """Refuse to go on with a network into which the weights at hand do not fit.

    Parameters
    ----------
    before : NetworkSpec
    weights : sequence of keras.Variable
        The weights at hand.
    spec, model : NetworkSpec, keras.Model
        What is to be trained.

    Raises
    ------
    ArchitectureError
        If they do not. The message says what changed.
    """
    shapes, wanted = (
        [tuple(weight.shape) for weight in given] for given in (weights, model.weights)
    )
    if shapes != wanted:
        raise ArchitectureError(f"Got {_what_changed(before, spec)}. {_REMEDY}")


def _what_changed(before: NetworkSpec, after: NetworkSpec) -> str:
    name, earlier_name = after.architecture_name, before.architecture_name
    if name != earlier_name:
        return (
            f"architecture={name!r}, but the last fit had {earlier_name!r}, whose weights have "
            "other shapes"
        )
    params, earlier = dict(after.architecture_params), dict(before.architecture_params)
    if repr(params) != repr(earlier):  # arrays have no one answer to !=
        return (
            f"architecture_params={params!r}, but the last fit had {earlier!r}, with which the "
            "weights have other shapes"
        )
    return f"an architecture {name!r} whose weights have other shapes than in the last fit"
