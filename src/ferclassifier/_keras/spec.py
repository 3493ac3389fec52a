"""What a network is, and how it is trained."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ferclassifier._files.checkpoint import Checkpoint, Progress
from ferclassifier._keras.identity import comparison_key
from ferclassifier.architectures import get_architecture
from ferclassifier.augmentation import AugmentationStrength
from ferclassifier.images._arrays import ImageShape


@dataclass(frozen=True)
class NetworkSpec:
    """All that is compiled into a network; networks of equal specs can stand in for one another.

    Attributes
    ----------
    architecture : str or callable
    architecture_params : dict
    image_shape : tuple of (height, width, channels)
    n_classes : int
    factor_and_offset : tuple of (float, float)
        What brings the pixels to the scale on which the network works.
    augmentation : AugmentationStrength or None
    mixed_precision : bool
    optimizer : str, callable or keras.optimizers.Optimizer
    weight_decay : float
    decays : bool
        Whether the learning rate follows a cosine.
    focal_gamma : float
    average_momentum : float
        Momentum of the averaged weights; 0 for none.
    training_size : tuple of (height, width), or None
        Size to which images are brought in training, if it is another.
    devices : tuple of str
        Those over which batches are spread in training, such as "gpu:0"; empty for Keras's default.
    """

    architecture: Any
    architecture_params: Mapping[str, Any]
    image_shape: ImageShape
    n_classes: int
    factor_and_offset: tuple[float, float]
    augmentation: AugmentationStrength | None = None
    mixed_precision: bool = False
    optimizer: Any = "sgd"
    weight_decay: float = 0.0
    decays: bool = False
    focal_gamma: float = 0.0
    average_momentum: float = 0.0
    training_size: tuple[int, int] | None = None
    devices: tuple[str, ...] = ()

    @cached_property
    def key(self) -> tuple[Hashable, ...]:
        """What makes two specs equal: not the name of a function, but what it does."""
        values = {
            **self.__getstate__(),
            "architecture": self._identities[0],
            "architecture_params": self._identities[1],
            "optimizer": comparison_key(self.optimizer),
        }
        return tuple(values.values())

    @property
    def can_be_shared(self) -> bool:
        """Whether it is certain that another fit of this spec would build an equal network."""
        is_known = all(isinstance(part, str) for part in self._identities)
        return isinstance(self.optimizer, str) and is_known

    @cached_property
    def build(self) -> Callable[..., Any]:
        """The function that the architecture's name has stood for since it was first asked for."""
        return get_architecture(self.architecture, self.architecture_params)

    @cached_property
    def _identities(self) -> tuple[Hashable, Hashable]:
        return comparison_key(self.build), comparison_key(dict(self.architecture_params))

    @property
    def architecture_name(self) -> str:
        """The name of the architecture, or of the function that is one."""
        if isinstance(self.architecture, str):
            return self.architecture
        return str(getattr(self.architecture, "__name__", self.architecture))

    @property
    def of_prediction(self) -> NetworkSpec:
        """The spec of the network that predicts, whatever was done in training."""
        return NetworkSpec(
            self.architecture,
            self.architecture_params,
            self.image_shape,
            self.n_classes,
            self.factor_and_offset,
        )

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass
class TrainingSettings:
    """How a network is trained; none of it is compiled in.

    Attributes
    ----------
    learning_rate : float
    epochs : int
    warms_up : bool
    course : str or None
        What decides the learning rate, in words; None if callbacks may set it.
    plateau_patience : int or None
        Epochs without progress after which the learning rate is halved.
    patience : int or None
        Epochs without progress after which training stops.
    callbacks : list of keras.callbacks.Callback
    small_size : tuple of (height, width), or None
        Size to which the images are brought in the first epochs.
    small_epochs : int
        Number of those epochs.
    checkpoint : Checkpoint or None
        Where the state is kept after every epoch.
    progress : Progress or None
        Where an interrupted fit goes on.
    seeds : sequence of int
        To be kept in the checkpoint.
    is_one_of_many : bool
        Whether it is a pass over a part of the images, which others precede or follow.
    tunes : bool
        Whether it starts from the weights of a whole fit.
    """

    learning_rate: float
    epochs: int
    warms_up: bool = False
    course: str | None = None
    plateau_patience: int | None = None
    patience: int | None = None
    callbacks: list[Any] = field(default_factory=list)
    small_size: tuple[int, int] | None = None
    small_epochs: int = 0
    checkpoint: Checkpoint | None = None
    progress: Progress | None = None
    seeds: Sequence[int] = ()
    is_one_of_many: bool = False
    tunes: bool = False
