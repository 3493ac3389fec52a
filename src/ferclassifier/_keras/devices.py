"""The devices over which a fit spreads its batches.

Each has all weights and takes its share of every batch. Statistics, gradients and random numbers
are those of the whole batch, so that a fit is the same on any number of devices but for rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ferclassifier._utils.keras_door import keras
from ferclassifier._utils.wording import count

_SPREAD = ("ferclassifier/output", "/fer_scaling/", "/fer_resizing/", "/fer_augmentation/")


class _SpreadBatches(keras.distribution.DataParallel):  # type: ignore[misc]
    """Keras's data parallelism, for batches of any size.

    Keras cuts a batch before the step, where JAX needs a size that the number of devices divides.
    Within the step it need not, so here every device gets the whole batch, 150 kB of 64 faces, and
    computes what its share of the first layers and of the probabilities needs.
    """

    def get_data_layout(self, data_shape: Any) -> Any:
        return keras.distribution.TensorLayout([None] * len(data_shape), self.device_mesh)

    def get_tensor_layout(self, path: str) -> Any:
        if not any(part in f"/{path}" for part in _SPREAD):
            return None
        return keras.distribution.TensorLayout([self.batch_dim_name], self.device_mesh)


def chosen_devices() -> tuple[str, ...]:
    """Return the devices of Keras's distribution, such as "gpu:0"; none where nothing was set.

    Raises
    ------
    ValueError
        If it is one that a fit cannot follow.
    """
    distribution = keras.distribution.distribution()
    if distribution is None:
        return ()
    if not isinstance(distribution, keras.distribution.DataParallel):
        raise ValueError(
            f"Got a keras.distribution.{type(distribution).__name__}, but expected a DataParallel: "
            "a fit spreads its batches, not its weights. Call keras.distribution.set_distribution("
            "keras.distribution.DataParallel()), or set_distribution(None)."
        )
    if distribution.num_processes > 1:
        raise ValueError(
            f"Got a keras.distribution.DataParallel over {distribution.num_processes} processes, "
            "but a fit spreads its batches over the devices of one. Start one process, or call "
            "keras.distribution.set_distribution(None)."
        )
    devices = tuple(map(_name, distribution.device_mesh.devices.flatten()))
    backend = keras.backend.backend()
    if backend == "jax":
        return devices
    if len(devices) > 1:
        raise ValueError(
            f"Got a keras.distribution.DataParallel over {count(len(devices), 'device')} on the "
            f"backend {backend!r}, where Keras would train on one. Set KERAS_BACKEND=jax before "
            "Keras is imported, or call keras.distribution.set_distribution(None)."
        )
    return ()


@contextmanager
def variables_on(devices: tuple[str, ...]) -> Iterator[None]:
    """Have a network that is built meanwhile keep all its variables on each of these devices.

    None stands for one device, whatever distribution the user has set.
    """
    data_parallel = keras.distribution.DataParallel
    with _distribution(data_parallel(devices=list(devices)) if devices else None):
        yield


@contextmanager
def batches_over(devices: tuple[str, ...]) -> Iterator[None]:
    """Have a network with its variables on these devices train on them all."""
    with _distribution(_SpreadBatches(devices=list(devices)) if devices else None):
        yield


@contextmanager
def _distribution(distribution: Any) -> Iterator[None]:
    before = keras.distribution.distribution()
    keras.distribution.set_distribution(distribution)
    try:
        yield
    finally:
        keras.distribution.set_distribution(before)


def _name(device: Any) -> str:
    return device if isinstance(device, str) else f"{device.platform}:{device.id}"
