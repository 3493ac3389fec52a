"""Images with nothing to see in them, and images that are darker, brighter or fainter than most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.wording import count
from ferclassifier.audit._audited import Audited
from ferclassifier.audit._finding import Finding
from ferclassifier.audit._robust import median_and_spread
from ferclassifier.images._arrays import parts_of

# A standard deviation below which nothing can be made out, in gray levels.
_FAINTEST = 5.0
# Of fewer images a median and the spread around it say little.
_MIN_IMAGES = 30
# How many robust standard deviations an outlier is away from the median, and how many gray
# levels at least: where all images are alike, nothing is far from them.
_FAR = 2.5
_LEVELS_APART = 25.0


@dataclass(frozen=True)
class Light:
    """The mean, the standard deviation and the range of each image's gray levels."""

    mean: NDArray[np.float64]
    contrast: NDArray[np.float64]
    spread: NDArray[np.int64]

    @property
    def is_constant(self) -> NDArray[np.bool_]:
        """Which images have a single gray level."""
        constant: NDArray[np.bool_] = self.spread == 0
        return constant

    @property
    def is_visible(self) -> NDArray[np.bool_]:
        """Which images show anything."""
        visible: NDArray[np.bool_] = self.contrast >= _FAINTEST
        return visible


def light_of(gray: NDArray[np.uint8]) -> Light:
    """Measure the gray levels of each image."""
    n_images = len(gray)
    light = Light(np.empty(n_images), np.empty(n_images), np.empty(n_images, dtype=np.int64))
    for part in parts_of(gray):
        rows = gray[part].reshape(len(gray[part]), -1)
        light.mean[part] = rows.mean(axis=1)
        light.contrast[part] = rows.std(axis=1)
        light.spread[part] = np.ptp(rows, axis=1)
    return light


def find_constant(audited: Audited, light: Light) -> list[Finding]:
    """Find images of one gray level, and those that come close."""
    constant = np.flatnonzero(light.is_constant)
    nearly = np.flatnonzero(~light.is_visible & ~light.is_constant)
    nearly = nearly[np.argsort(light.contrast[nearly], kind="stable")]
    return [
        _of_no_use(
            audited,
            "constant",
            "Constant images",
            f"All pixels of {count(len(constant), 'image')} have the same value, so that there is "
            "nothing to learn from and nothing to recognise.",
            constant,
            light.mean[constant],
            "gray level",
        ),
        _of_no_use(
            audited,
            "nearly-constant",
            "Nearly constant images",
            f"The gray levels of {count(len(nearly), 'image')} have a standard deviation below "
            f"{_FAINTEST:g} of 255: next to nothing can be seen.",
            nearly,
            light.contrast[nearly],
            "standard deviation of the gray levels",
        ),
    ]


def _of_no_use(
    audited: Audited,
    kind: str,
    title: str,
    explanation: str,
    indices: NDArray[np.intp],
    scores: NDArray[np.float64],
    score_name: str,
) -> Finding:
    in_training = audited.in_training[indices]
    return Finding(
        kind=kind,
        title=title,
        explanation=f"{explanation} Leave them out of training.",
        indices=indices,
        scores=scores,
        score_name=score_name,
        sample_weight=np.where(in_training, 0.0, 1.0),
        keep=~in_training,
    )


def why_light_is_not_compared(light: Light) -> str | None:
    """Return why one cannot tell which of these images are far from the others, or None."""
    n_seen = int(light.is_visible.sum())
    if n_seen >= _MIN_IMAGES:
        return None
    images = count(n_seen, "image shows", "images show")
    return f"{images} anything, and it takes {_MIN_IMAGES} to tell which is far from the others"


def find_light_outliers(light: Light) -> list[Finding]:
    """Find images that are much darker, brighter or of less contrast than the data set's own."""
    seen = np.flatnonzero(light.is_visible)
    darker, brighter = _outliers(light.mean[seen])
    fainter, _ = _outliers(light.contrast[seen])
    return [
        _light_finding("dark", seen[darker], light),
        _light_finding("bright", seen[brighter], light),
        _light_finding("low-contrast", seen[fainter], light),
    ]


def _outliers(values: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where the values are far below and far above the median, the farthest first."""
    median, spread = median_and_spread(values)
    far = max(_FAR * spread, _LEVELS_APART)
    order = np.argsort(values, kind="stable")
    return order[values[order] < median - far], order[::-1][values[order[::-1]] > median + far]


_SKIN = (
    "Do not leave out faces for this: dark skin is one of the reasons, and a model must know it. "
    "Histogram equalisation makes them clearer."
)
LIGHT_OUTLIERS = {
    "dark": ("Dark images", "much darker than the others (mean gray level)", _SKIN),
    "bright": (
        "Bright images",
        "much brighter than the others (mean gray level)",
        "Look at them: text and symbols on white are among them, and faces may stay.",
    ),
    "low-contrast": (
        "Images of low contrast",
        "much fainter than the others (standard deviation of the gray levels)",
        _SKIN,
    ),
}


def _light_finding(kind: str, indices: NDArray[np.intp], light: Light) -> Finding:
    title, what, advice = LIGHT_OUTLIERS[kind]
    faint = kind == "low-contrast"
    return Finding(
        kind=kind,
        title=title,
        explanation=(
            f"{count(len(indices), 'image is', 'images are')} {what}: more than {_FAR:g} robust "
            f"standard deviations from the median. {advice}"
        ),
        indices=indices,
        scores=(light.contrast if faint else light.mean)[indices],
        score_name="standard deviation of the gray levels" if faint else "mean gray level",
    )
