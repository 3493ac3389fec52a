"""The optimizer of a fit: one that is named, or a user's own with the rate it brings along."""

from __future__ import annotations

from typing import Any

from ferclassifier._keras.muon import Muon
from ferclassifier._utils.keras_door import keras

_DEFAULT_RATES = {"muon": 0.12, "sgd": 0.08}
_DEFAULT_RATE = 1e-3
_TUNING_SHARE = 0.1


def rate_of(learning_rate: Any, optimizer: Any, schedule: str | None, *, tunes: bool) -> float:
    """Return the highest learning rate of a fit.

    Parameters
    ----------
    learning_rate : float or "auto"
    optimizer : str, callable or keras.optimizers.Optimizer
    schedule : {"cosine", "plateau", "constant"} or None
        The rate's course, None in a pass of `partial_fit`.
    tunes : bool
        Whether good weights are trained on, rather than random ones.

    Returns
    -------
    rate : float
        That of the first step where the optimizer has a schedule of its own, which then holds.

    Raises
    ------
    ValueError
        If the optimizer's own schedule is to be followed and another rate or course too.
    """
    if isinstance(optimizer, str):
        rate = _DEFAULT_RATES.get(optimizer, _DEFAULT_RATE) * (_TUNING_SHARE if tunes else 1)
    else:
        own = _made(optimizer)
        rate = float(own.learning_rate)
        if _follows_its_own(own):
            _check_nothing_else_is_asked_for(own, learning_rate, schedule)
    return rate if learning_rate == "auto" else float(learning_rate)


def has_schedule(optimizer: Any) -> bool:
    """Whether an optimizer has a schedule of its own."""
    return not isinstance(optimizer, str) and _follows_its_own(_made(optimizer))


def make_optimizer(
    optimizer: Any, schedule: Any, *, weight_decay: float, average_momentum: float
) -> Any:
    """Return a new optimizer for one network.

    Parameters
    ----------
    optimizer : str, callable or keras.optimizers.Optimizer
        A user's own is copied, with its weight decay and the schedule that it may have.
    schedule : WarmupSchedule or None
        What it follows if it has none; None for a rate that is set from outside.
    weight_decay : float
        For one that is named.
    average_momentum : float
        Momentum of the averaged weights; 0 for none.

    Returns
    -------
    optimizer : keras.optimizers.Optimizer
    """
    if isinstance(optimizer, str):
        # Keras's Adam decouples its weight decay too, and takes none.
        name = {"adamw": "adam"}.get(optimizer, optimizer)
        model = Muon() if name == "muon" else keras.optimizers.get(name)
        is_sgd = isinstance(model, keras.optimizers.SGD)
        momentum = {"momentum": 0.9, "nesterov": True} if is_sgd else {}
        config = {**model.get_config(), **momentum, "weight_decay": weight_decay or None}
    else:
        model = _made(optimizer)
        config = model.get_config()
    if average_momentum:
        config.update(use_ema=True, ema_momentum=average_momentum)
    own = model._learning_rate if _follows_its_own(model) else None
    config["learning_rate"] = own or schedule or 0.0
    made = type(model).from_config(config)
    made.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    if schedule is not None:
        for variable in schedule.variables:
            made._track_variable(variable)  # else JAX compiles their values in
    return made


def _made(optimizer: Any) -> Any:
    """Return a user's optimizer, which may be a function that makes it."""
    made = optimizer if isinstance(optimizer, keras.optimizers.Optimizer) else optimizer()
    if not isinstance(made, keras.optimizers.Optimizer):
        raise TypeError(
            f"Got an optimizer function that returns a {type(made).__name__}, but expected a "
            "keras.optimizers.Optimizer, as in optimizer=lambda: keras.optimizers.SGD(0.1)."
        )
    return made


def _follows_its_own(optimizer: Any) -> bool:
    return callable(optimizer._learning_rate)  # Keras takes a schedule or a function


def _check_nothing_else_is_asked_for(
    optimizer: Any, learning_rate: Any, schedule: str | None
) -> None:
    kind = type(optimizer._learning_rate).__name__
    if learning_rate != "auto":
        raise ValueError(
            f"Got learning_rate={learning_rate!r} and an optimizer with a schedule of its own "
            f"({kind}), but only one of them can hold. Leave learning_rate='auto', or give the "
            "optimizer without a schedule."
        )
    if schedule == "plateau":
        raise ValueError(
            "Got learning_rate_schedule='plateau' and an optimizer with a schedule of its own "
            f"({kind}), which cannot be halved. Give the optimizer a number as its learning rate."
        )
