"""A model in an ONNX file of ours: faces go in, probabilities come out."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._files.released import onnx_of, released_onnx
from ferclassifier._onnx.manifest import Manifest, check_seal
from ferclassifier._onnx.session import open_session, read_onnx_file, reason_of, threads_of
from ferclassifier.exceptions import DivergenceError, ImageError, ModelFileError, PixelScaleError

# What is computed for a batch of so many pixels, in all views, fits into some 30 MB.
_PIXELS_PER_BATCH = 2**16
# To start a thread takes as long as a small network does for one image.
_FEWEST_PER_THREAD = 4
_TYPES = {"uint8": "tensor(uint8)", "float32": "tensor(float)"}


class OnnxModel:
    """The graph of a model, and what its file says of it; NumPy and onnxruntime are enough for it.

    It can be pickled: the content of the file goes along.

    Parameters
    ----------
    path : str, path-like
        An ONNX file that :func:`ferclassifier.export.export_onnx` wrote, or the name of a released
        model that comes as one.
    n_threads : int or None, default=1
        Threads among which several images are dealt out; None takes what OMP_NUM_THREADS says, or
        all processors. One image is never faster with more, but for large networks.

    Attributes
    ----------
    classes : list of str, int, float or bool
        The labels of the columns, in their order.
    image_shape : tuple of (height, width, channels)
        Of the images that it takes.
    metadata : Manifest
        All that the file says.

    Raises
    ------
    ModelFileError
        A ValueError: if the file is damaged, of another kind, or an ONNX file of somebody else.
    OSError
        If there is no file, or it cannot be read.
    """

    def __init__(self, path: str | PathLike[str], *, n_threads: int | None = 1) -> None:
        self._open(_content_of(path), str(path), n_threads)

    def _open(self, content: bytes, name: str, n_threads: int | None) -> None:
        self._content, self._name, self.n_threads = content, name, threads_of(n_threads)
        try:
            check_seal(content)
            # Threads of our own share batches, not layers: those wait for each other at each.
            self._session = open_session(content, n_threads=1)
            self.metadata = Manifest.from_metadata(
                self._session.get_modelmeta().custom_metadata_map
            )
            self._input, self._output = self._ends()
        except ModelFileError as error:
            raise ModelFileError(f"{name}: {error}") from error
        except UnicodeDecodeError as error:
            raise ModelFileError(f"{name}: it has names or metadata that are no UTF-8.") from error
        self.classes: list[Any] = self.metadata.classes.tolist()
        self.image_shape = self.metadata.image_shape

    def predict_proba(self, images: NDArray[Any]) -> NDArray[np.float32]:
        """Predict the probability of each class, in memory that does not grow with the images.

        Parameters
        ----------
        images : ndarray of shape (n, height, width, channels), uint8
            Without the last axis if they are gray. A model of unit floats divides bytes by 255
            itself, and takes float32 too.

        Returns
        -------
        probabilities : ndarray of shape (n, n_classes), float32

        Raises
        ------
        DivergenceError
            A ValueError: if some are NaN.
        ImageError
            A ValueError: if the images are of another shape.
        ModelFileError
            A ValueError: if the graph cannot be run.
        PixelScaleError
            A ValueError: if they are of another type than the model takes.
        """
        images = self._checked(images)
        found = np.empty((len(images), len(self.classes)), dtype=np.float32)
        parts = self._parts(len(images))
        if len(parts) > 1 and self.n_threads > 1:
            with ThreadPoolExecutor(self.n_threads) as pool:
                answers = pool.map(lambda part: self._run(images[part]), parts)
                for part, rows in zip(parts, answers, strict=True):
                    found[part] = rows
        else:
            for part in parts:
                found[part] = self._run(images[part])
        if not np.isfinite(found).all():
            raise DivergenceError(
                f"{self._name}: the model gives probabilities that are NaN or infinite. Its "
                "weights are, or the pixels were: export it anew, from a fit that did not diverge."
            )
        return found

    def _parts(self, n_images: int) -> list[slice]:
        pixels = math.prod(self.image_shape) * self.metadata.views
        shared = max(_FEWEST_PER_THREAD, -(-n_images // self.n_threads))
        size = max(1, min(shared, _PIXELS_PER_BATCH // pixels))
        return [slice(start, start + size) for start in range(0, n_images, size)]

    def _run(self, images: NDArray[Any]) -> NDArray[np.float32]:
        dtype = self.metadata.input_dtype
        if images.dtype != dtype:
            images = images.astype(dtype)
            images /= 255
        try:
            [found] = self._session.run([self._output], {self._input: np.ascontiguousarray(images)})
        except Exception as error:  # onnxruntime's own classes have no other base
            raise ModelFileError(
                f"{self._name}: the graph cannot be run ({reason_of(error)})."
            ) from error
        return found  # type: ignore[no-any-return]

    def _checked(self, images: NDArray[Any]) -> NDArray[Any]:
        images, (height, width, channels) = np.asarray(images), self.image_shape
        if channels == 1 and images.shape[1:] == (height, width):
            images = images[..., np.newaxis]
        if images.shape[1:] != self.image_shape:
            raise ImageError(
                f"Got images of shape {images.shape}, but expected (n, {height}, {width}, "
                f"{channels}): several images of the size that the model takes."
            )
        kind, dtype = self.metadata.pixel_scale["kind"], images.dtype
        if dtype == self.metadata.input_dtype or (kind == "unit" and dtype == np.uint8):
            return images
        raise PixelScaleError(
            f"Got pixels of the type {dtype}, but {self._name} takes {self.metadata.input_dtype}: "
            f"it was fitted on {kind} pixels."
        )

    def _ends(self) -> tuple[str, str]:
        """Return the names of the input and the output, once they are what the file says."""
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) != 1 or len(outputs) != 1:
            raise ModelFileError(
                f"the graph has {len(inputs)} inputs and {len(outputs)} outputs, but expected one "
                "of each."
            )
        expected = (
            (inputs[0], _TYPES[self.metadata.input_dtype.name], self.metadata.image_shape),
            (outputs[0], _TYPES["float32"], (len(self.metadata.classes),)),
        )
        for end, kind, shape in expected:
            found = end.type, len(end.shape), tuple(end.shape[1:])
            # Any number of images is a name, or none.
            is_for_any_number = not any(isinstance(size, int) for size in end.shape[:1])
            if found != (kind, 1 + len(shape), shape) or not is_for_any_number:
                raise ModelFileError(
                    f"{end.name!r:.60} of the graph is {end.type} of shape {end.shape}, but "
                    f"expected {kind} of shape {['n', *shape]}, as the metadata have it."
                )
        return inputs[0].name, outputs[0].name

    def __getstate__(self) -> dict[str, Any]:
        return {"content": self._content, "name": self._name, "n_threads": self.n_threads}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._open(**state)


def _content_of(path: str | PathLike[str]) -> bytes:
    if str(path) in released_onnx():
        with onnx_of(str(path)) as file:
            return read_onnx_file(file)
    return read_onnx_file(Path(path))
