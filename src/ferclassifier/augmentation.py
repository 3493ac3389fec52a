"""The random changes of an image that keep its label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from ferclassifier._utils.counts import is_number
from ferclassifier._utils.wording import in_words, quoted

_LIMITS = {
    "flip": 1.0,
    "rotation": 180.0,
    "zoom": 0.9,
    "shift": 1.0,
    "contrast": 1.0,
    "brightness": 5.0,
    "erasing": 1.0,
}


@dataclass(frozen=True)
class AugmentationStrength:
    """How far each random change may go; 0 leaves it out.

    Attributes
    ----------
    flip : float in [0, 1]
        Probability of a mirror image.
    rotation : float in [0, 180]
        Largest angle, in degrees, to either side.
    zoom : float in [0, 0.9]
        Largest relative change of size, either way.
    shift : float in [0, 1]
        Largest shift along either axis, as a fraction of the side; by whole pixels where there is
        neither rotation nor zoom, so that nothing is interpolated.
    contrast : float in [0, 1]
        Largest relative change of contrast, either way.
    brightness : float in [0, 5]
        Largest change of brightness, in standard deviations of the image's pixels.
    erasing : float in [0, 1]
        Probability that a rectangle of 10 to 40 % of each side is replaced by the image's mean.

    Examples
    --------
    >>> from ferclassifier.augmentation import AugmentationStrength
    >>> AugmentationStrength(flip=0.5, rotation=10).rotation
    10
    """

    flip: float = 0.0
    rotation: float = 0.0
    zoom: float = 0.0
    shift: float = 0.0
    contrast: float = 0.0
    brightness: float = 0.0
    erasing: float = 0.0

    @property
    def warps(self) -> bool:
        """Whether any change moves pixels."""
        return any((self.flip, self.rotation, self.zoom, self.shift))

    @property
    def interpolates(self) -> bool:
        """Whether pixels are moved to places between the pixels, which blurs an image."""
        return bool(self.rotation or self.zoom)

    def to_dict(self) -> dict[str, float]:
        """Return the strengths by name."""
        return asdict(self)


PRESETS = {
    "sharp": AugmentationStrength(flip=0.5, shift=0.08, contrast=0.2, brightness=0.2),
    "light": AugmentationStrength(flip=0.5, rotation=5, zoom=0.05, shift=0.04),
    "standard": AugmentationStrength(
        flip=0.5, rotation=12, zoom=0.12, shift=0.08, contrast=0.2, brightness=0.2
    ),
}


def resolve_augmentation(
    augmentation: str | Mapping[str, float] | None,
) -> AugmentationStrength | None:
    """Turn what a user writes into strengths.

    Parameters
    ----------
    augmentation : {"sharp", "light", "standard"}, mapping of str to float, or None
        A preset, or strengths by the names of :class:`AugmentationStrength`.

    Returns
    -------
    strength : AugmentationStrength or None
        None if nothing is to be changed.

    Raises
    ------
    ValueError
        If a preset or a name is unknown, or a strength is out of range.

    Examples
    --------
    >>> from ferclassifier.augmentation import resolve_augmentation
    >>> resolve_augmentation("light").rotation
    5
    >>> resolve_augmentation({"rotation": 10}).flip
    0.0
    """
    if augmentation is None:
        return None
    if isinstance(augmentation, str):
        if augmentation not in PRESETS:
            raise ValueError(
                f"Got augmentation={augmentation!r}, but expected one of {sorted(PRESETS)}, "
                "a dict of strengths, or None."
            )
        return PRESETS[augmentation]
    names = [field.name for field in fields(AugmentationStrength)]
    unknown = sorted(map(quoted, set(augmentation) - set(names)))
    if unknown:
        raise ValueError(
            f"Got augmentation with {in_words(unknown, 1)}, but expected only {names}."
        )
    for name, value in augmentation.items():
        if not is_number(value) or not 0 <= value <= _LIMITS[name]:
            raise ValueError(
                f"Got augmentation[{name!r}]={quoted(value)}, but expected a number in "
                f"[0, {_LIMITS[name]:g}]."
            )
    strength = AugmentationStrength(**{name: float(v) for name, v in augmentation.items()})
    return strength if any(strength.to_dict().values()) else None
