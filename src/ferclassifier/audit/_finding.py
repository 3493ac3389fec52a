"""What an audit found: a kind of fault and the images that have it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.notebook import as_html
from ferclassifier._utils.printable import printable
from ferclassifier._utils.wording import count

NO_IMAGES: NDArray[np.intp] = np.array([], dtype=np.intp)


@dataclass(frozen=True, eq=False, repr=False)
class Finding:
    """A kind of fault, the images that have it, and what is suggested for them.

    Attributes
    ----------
    kind : str
        A short name that does not change, such as "exact-duplicates".
    title : str
        A headline.
    explanation : str
        What was found, what it means and what is suggested, in plain sentences.
    indices : ndarray of shape (n_found,), int
        The images, the worst first; those that belong together follow one another.
    groups : list of ndarray, default=None
        The images that belong together, such as the copies of one image, in the order of
        `indices`; None where each stands for itself.
    scores : ndarray of shape (n_found,), default=None
        A figure for each image of `indices`.
    score_name : str, default=""
        What the figure is.
    suggested_labels : ndarray of shape (n_found,), default=None
        The label that each image should perhaps have.
    sample_weight : ndarray of shape (n_found,), default=None
        The weight that is suggested for each image; None where nothing is suggested but to look.
    keep : ndarray of shape (n_found,), bool, default=None
        Which of the images are suggested to stay; None where nothing is suggested but to look.
    n_faults : int, default=None
        How many faults were found, where they are no images, as classes without one; None where
        each image is one.

    Notes
    -----
    ``len(finding)`` is the number of images; a finding without any fault is false.

    Examples
    --------
    >>> from ferclassifier import make_faces
    >>> from ferclassifier.audit import audit_images
    >>> X, y = make_faces(40, random_state=0)
    >>> X[7] = X[3]
    >>> finding = audit_images(X)["exact-duplicates"]
    >>> finding.indices.tolist(), finding.sample_weight.tolist()
    ([3, 7], [0.5, 0.5])
    """

    kind: str
    title: str
    explanation: str
    indices: NDArray[np.intp] = field(default_factory=lambda: NO_IMAGES)
    groups: list[NDArray[np.intp]] | None = None
    scores: NDArray[Any] | None = None
    score_name: str = ""
    suggested_labels: NDArray[Any] | None = None
    sample_weight: NDArray[np.float64] | None = None
    keep: NDArray[np.bool_] | None = None
    n_faults: int | None = None

    def __len__(self) -> int:
        return len(self.indices)

    def __bool__(self) -> bool:
        return bool(len(self) if self.n_faults is None else self.n_faults)

    def __repr__(self) -> str:
        return f"<Finding {self.kind}: {count(len(self), 'image')}>"

    def _repr_html_(self) -> str:
        """Show in words what was found in a notebook."""
        return as_html(str(self))

    def __str__(self) -> str:
        return f"{printable(self.title)} ({self.kind})\n{printable(self.explanation)}"

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold: numbers, text and lists."""
        return {
            "kind": self.kind,
            "title": self.title,
            "explanation": self.explanation,
            "n_images": len(self),
            "indices": self.indices.tolist(),
            "groups": None if self.groups is None else [group.tolist() for group in self.groups],
            "scores": _listed(self.scores),
            "score_name": self.score_name,
            "suggested_labels": _listed(self.suggested_labels),
            "sample_weight": _listed(self.sample_weight),
            "keep": _listed(self.keep),
        }


def _listed(values: NDArray[Any] | None) -> list[Any] | None:
    return None if values is None else values.tolist()
