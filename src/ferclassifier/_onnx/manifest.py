"""What our ONNX files say of themselves, as JSON among their metadata."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._files import strict_json
from ferclassifier._files.image_form import (
    FEATURE_NAMES_AT_MOST,
    IMAGE_SHAPE,
    PIXEL_SCALE,
    restore_shape,
)
from ferclassifier._files.labels import CLASSES, describe_classes, restore_classes
from ferclassifier._files.schema import (
    integer,
    list_of,
    mapping_of,
    one_of,
    optional,
    record,
    string,
    text,
)
from ferclassifier._files.seal import NO_SUM, is_whole, sealed
from ferclassifier.exceptions import ModelFileError

KEY = "ferclassifier"
# To be raised by one, in a change that still reads the protocols before it, when the graph or this
# description of it gets to be something that an earlier release would not understand.
PROTOCOL = 1

_SUM_MARK = b'"sha256":"'
# Within a text, such as a card, the quotes would have backslashes.
_SUM = re.compile(_SUM_MARK + rb"[0-9a-f]{64}\"")
_FOREIGN = (
    "this ONNX file does not say which classes and images it is for: it was not written by "
    "export_onnx, or has been cut off. Load a trained Keras model with FERClassifier.from_keras "
    "and export that; onnxruntime itself runs any file."
)
_LONGEST = 2**20
_MOST_VIEWS = 10_000
_MANIFEST = record(
    classes=CLASSES,
    image_shape=IMAGE_SHAPE,
    pixel_scale=PIXEL_SCALE,
    feature_names=optional(list_of(string, longest=FEATURE_NAMES_AT_MOST)),
    precision=one_of("float32", "int8"),
    views=integer(1, _MOST_VIEWS),
    versions=mapping_of(text),
    card=optional(text),
    sha256=text,
)


def seal_onnx(content: bytes) -> bytes:
    """Return a file with a sum over all of it, for which its metadata have left a place."""
    return sealed(content, _SUM_MARK)


def check_seal(content: bytes) -> None:
    """Refuse a file that is not as it was written, before anything else looks into it.

    Raises
    ------
    ModelFileError
        If it has no sum, or that of another file.
    """
    sums = [found.start() + len(_SUM_MARK) for found in _SUM.finditer(content)]
    if not sums:
        raise ModelFileError(_FOREIGN)
    if len(sums) > 1 or not is_whole(content, sums[0]):
        raise ModelFileError("its sha256 is another than the one written in it: it is damaged.")


@dataclass(frozen=True)
class Manifest:
    """What is to be known of a graph from faces to probabilities.

    Attributes
    ----------
    classes : ndarray of shape (n_classes,)
        The labels of the columns, sorted: strings or numbers.
    image_shape : tuple of (height, width, channels)
    pixel_scale : dict
        "kind" is "bytes" for a graph that takes uint8, and "unit" or "raw" for one that takes
        float32; "low" and "high" are the ends, and "mean" and "deviation" may be there.
    feature_names : list of str or None
        Names of the columns of rows, where the model was fitted on such.
    precision : {"float32", "int8"}
    views : int
        How many images are looked at for each face, of all members together.
    versions : dict of str to str
        With what it was made; nothing depends on it.
    card : str or None
        Markdown about the model.
    """

    classes: NDArray[Any]
    image_shape: tuple[int, int, int]
    pixel_scale: dict[str, Any]
    feature_names: list[str] | None = None
    precision: str = "float32"
    views: int = 1
    versions: dict[str, str] = field(default_factory=dict)
    card: str | None = None

    @property
    def input_dtype(self) -> np.dtype[Any]:
        """What the graph takes: uint8 or float32."""
        return np.dtype(np.uint8 if self.pixel_scale["kind"] == "bytes" else np.float32)

    def to_metadata(self) -> dict[str, str]:
        """Return what stands among the metadata of the file, with zeros for its sum.

        Raises
        ------
        ModelFileError
            If it could not be read again.
        """
        described = {
            "classes": describe_classes(self.classes),
            "image_shape": list(self.image_shape),
            "pixel_scale": self.pixel_scale,
            "feature_names": self.feature_names,
            "precision": self.precision,
            "views": self.views,
            "versions": self.versions,
            "card": self.card,
        }
        described |= {"protocol": PROTOCOL, "sha256": NO_SUM}
        metadata = {KEY: strict_json.dumps(described)}
        Manifest.from_metadata(metadata)
        return metadata

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> Manifest:
        """Read the description, and compare all of it with what the package knows.

        Parameters
        ----------
        metadata : mapping of str to str
            That of an ONNX file.

        Raises
        ------
        ModelFileError
            If there is none, or anything in it is out of place.
        """
        if KEY not in metadata:
            raise ModelFileError(_FOREIGN)
        if len(metadata[KEY]) > _LONGEST:
            raise ModelFileError(
                f"the metadata have {len(metadata[KEY]):,} characters, but expected at most "
                f"{_LONGEST:,}."
            )
        try:
            found = strict_json.loads(metadata[KEY])
            if type(found) is not dict:
                raise ModelFileError("the metadata are no JSON object.")
            protocol = found.pop("protocol", None)
            if type(protocol) is int and protocol > PROTOCOL:
                raise ModelFileError(
                    f"the file has protocol {protocol}, but this release reads up to {PROTOCOL}. "
                    "Install a later release of ferclassifier."
                )
            one_of(PROTOCOL)(protocol, "protocol")
            return cls._restore(_MANIFEST(found, "metadata"))
        except RecursionError as error:
            raise ModelFileError("the metadata are nested too deeply.") from error

    @classmethod
    def _restore(cls, found: dict[str, Any]) -> Manifest:
        classes = restore_classes(found.pop("classes"), "metadata.classes")
        shape = restore_shape(found.pop("image_shape"), "metadata.image_shape")
        del found["sha256"]
        n_values, names = int(np.prod(shape)), found["feature_names"]
        if names is not None and len(names) != n_values:
            raise ModelFileError(
                f"metadata.feature_names has {len(names)} names, but expected {n_values}."
            )
        return cls(classes=classes, image_shape=shape, **found)
