"""The batches on which a network is trained."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._keras.mixup import mix
from ferclassifier._keras.read_ahead import ReadAhead
from ferclassifier._utils.keras_door import keras
from ferclassifier.images._arrays import BYTES_BETWEEN_RELEASES, release_pages
from ferclassifier.images._sources import ImageSources

_DECODING_THREADS = min(4, os.cpu_count() or 1)


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Batches of images as they lie in memory or on disk, in an order of their own.

    The order and the mixing of an epoch follow from the seed and the number of the epoch alone,
    so that training can be taken up again at any epoch.

    Parameters
    ----------
    images : ndarray of shape (n, height, width, channels), or ImageSources
        Never copied as a whole, so a ``numpy.memmap`` may be larger than memory.
    targets : ndarray of shape (n,), int, or of shape (n, n_classes), float
        The index of each image's class, or the share of each class in it.
    n_classes : int
    batch_size : int
    rows : ndarray of int, default=None
        The images to use; None for all.
    sample_weight : ndarray of shape (n,), default=None
    seed : int, default=None
        Seed of a new order in each epoch; None keeps the order.
    as_bytes : bool, default=False
        Whether integers are bytes, to be passed on as such.
    label_smoothing : float in [0, 1), default=0
        Share of each target that is spread evenly over all classes. Here rather than in the loss,
        another one compiles nothing anew.
    mixup : float, default=0
        Both parameters of the Beta distribution from which shares of mixed images are drawn; 0
        mixes none.
    mixed_epochs : int, default=0
        Number of epochs in which images are mixed.

    Attributes
    ----------
    epoch : int
        Index of the epoch; -1 before the first.
    error : Exception or None
        Why a batch could not be read. Keras reads in a thread of TensorFlow's, which hands on the
        text of an exception and not the exception.

    Notes
    -----
    TensorFlow never lets go of a data set that it was given, so what is in it has to be let go.

    References
    ----------
    Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", arXiv:1512.00567
    (label smoothing).
    """

    def __init__(
        self,
        images: NDArray[Any] | ImageSources,
        targets: NDArray[Any],
        n_classes: int,
        batch_size: int,
        *,
        rows: NDArray[Any] | None = None,
        sample_weight: NDArray[Any] | None = None,
        seed: int | None = None,
        as_bytes: bool = False,
        label_smoothing: float = 0.0,
        mixup: float = 0.0,
        mixed_epochs: int = 0,
    ) -> None:
        super().__init__()
        self._images = images
        self._targets = targets
        self._one_hot = np.eye(n_classes, dtype=np.float32)
        self._batch_size = batch_size
        self._rows = np.arange(len(images)) if rows is None else rows
        self._order = self._rows
        self._sample_weight = sample_weight
        self._as_bytes = as_bytes
        self._label_smoothing = label_smoothing
        self._mixup = mixup
        self._mixed_epochs = mixed_epochs
        self._bytes_read = 0
        self._read_ahead: ReadAhead[tuple[NDArray[Any], ...]] | None = None
        self.seed = seed
        self.epoch = -1
        self.error: Exception | None = None

    def __len__(self) -> int:
        return -(-len(self._rows) // self._batch_size)

    def __getitem__(self, i: int) -> tuple[NDArray[Any], ...]:
        try:
            if self._read_ahead is None:
                return self._batch(i)
            return self._read_ahead.get(i, len(self))
        except Exception as error:
            self.error = error
            raise

    def on_epoch_begin(self) -> None:
        self.epoch += 1
        if self.seed is not None:
            self._order = self._random(0).permutation(self._rows)
            if self._read_ahead is not None:
                self._read_ahead.forget()

    def some_images(self, n: int) -> NDArray[Any]:
        """Return a few of the images as a network takes them, without any order of an epoch."""
        return self._take(self._rows[:n])

    @property
    def n_images(self) -> int:
        """The number of images of an epoch."""
        return len(self._rows)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Decode files in the background, batch by batch, and let go of everything at the end."""
        if isinstance(self._images, ImageSources):
            self._read_ahead = ReadAhead(self._batch, _DECODING_THREADS)
        try:
            yield
        finally:
            if self._read_ahead is not None:
                self._read_ahead.close()
            if isinstance(self._images, np.ndarray):
                release_pages(self._images)
            for name in ("_images", "_targets", "_rows", "_order", "_sample_weight", "_read_ahead"):
                setattr(self, name, None)

    def _batch(self, i: int) -> tuple[NDArray[Any], ...]:
        rows = self._order[i * self._batch_size : (i + 1) * self._batch_size]
        images, targets = self._take(rows), self._targets_of(rows)
        weights = None
        if self._sample_weight is not None:
            weights = self._sample_weight[rows].astype(np.float32)
        if self._mixup:  # float32 in every epoch, mixed or not: one compiled step serves them all
            images = images.astype(np.float32, copy=False)
            if self.epoch < self._mixed_epochs:
                images, targets, weights = mix(
                    images, targets, weights, self._mixup, self._random(i + 1)
                )
        return (images, targets) if weights is None else (images, targets, weights)

    def _targets_of(self, rows: NDArray[Any]) -> NDArray[np.float32]:
        targets: NDArray[Any] = self._targets[rows]
        shares: NDArray[np.float32] = targets if targets.ndim == 2 else self._one_hot[targets]
        if self._label_smoothing:
            shares = shares * (1 - self._label_smoothing)
            shares += self._label_smoothing / shares.shape[1]
        return shares

    def _random(self, use: int) -> np.random.Generator:
        return np.random.default_rng([self.seed or 0, max(self.epoch, 0), use])

    def _take(self, rows: NDArray[Any]) -> NDArray[Any]:
        images = self._images[rows]
        if isinstance(self._images, np.ndarray):
            self._bytes_read += images.nbytes
            if self._bytes_read > BYTES_BETWEEN_RELEASES:
                release_pages(self._images)
                self._bytes_read = 0
        return pixels_for_network(images, as_bytes=self._as_bytes)


def pixels_for_network(images: NDArray[Any], *, as_bytes: bool) -> NDArray[Any]:
    """Cast a batch to one of the two types that a network takes: uint8 and float32."""
    if as_bytes and images.dtype.kind in "iu":
        return images.astype(np.uint8, copy=False)
    return images.astype(np.float32, copy=False)
