"""What an audit of images found, and what it suggests to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ferclassifier._utils.counts import check_count
from ferclassifier._utils.notebook import as_html
from ferclassifier._utils.printable import pandas_dtype, printable, printable_labels
from ferclassifier._utils.wording import count, quoted
from ferclassifier.audit._audited import Audited
from ferclassifier.audit._finding import NO_IMAGES, Finding
from ferclassifier.exceptions import DataError

if TYPE_CHECKING:
    from ferclassifier.inspection import FaceGridDisplay


class ImageAudit:
    """What :func:`~ferclassifier.audit.audit_images` found.

    ``audit[kind]`` is the finding of one kind, empty where the check found nothing.

    Attributes
    ----------
    n_images : int
        How many images were looked at.
    findings : list of Finding
        What was found; a check that found nothing is left out.
    skipped : dict of str to str
        The checks that were not made, and why.
    class_balance : DataFrame of shape (n_classes, n_groups), or None
        The number of images of each class in each group; None without labels.
    same_image : ndarray of shape (n_images,), int
        A number that an image shares with its copies and near duplicates, and with theirs in turn.
        As the groups of ``StratifiedGroupKFold`` it keeps them on one side of every split: where a
        chain is cut, an image stands beside a near duplicate of its own. The ends of a chain may
        be quite unlike, so that the sets of findings are not these, but smaller ones: in each, all
        images are near to one of them.
    sample_weight : ndarray of shape (n_images,), float in [0, 1]
        The weights suggested for `fit`: 0 for images that show nothing or appear in another group
        as well, an equal share for the copies of one image and for a set of images whose labels
        contradict each other, 1 for all else. Images of other groups than the training one have
        weight 1.
    keep : ndarray of shape (n_images,), bool
        The images suggested to stay, for what takes no weights: of several copies the first; of a
        set whose labels contradict each other the one that agrees with most of those near it, of
        several the first. All images of other groups than the training one.
    train_group : object
        The group that models are fitted on; None without groups.
    y, groups : ndarray of shape (n_images,), or None
        The labels and the groups.
    images : ndarray of shape (n_images, height, width) or (n_images, height, width, 3), uint8
        The images in bytes; shares its memory with `X` where `X` has bytes.

    Examples
    --------
    >>> import numpy as np
    >>> from ferclassifier import make_faces
    >>> from ferclassifier.audit import audit_images
    >>> X, y = make_faces(50, random_state=0)
    >>> X[7], X[9] = X[3], 128
    >>> audit = audit_images(X)
    >>> audit["exact-duplicates"].groups
    [array([3, 7])]
    >>> audit["constant"].indices
    array([9])
    >>> audit.sample_weight[[3, 7, 9]]
    array([0.5, 0.5, 0. ])
    """

    def __init__(
        self,
        audited: Audited,
        findings: list[Finding],
        skipped: dict[str, str],
        class_balance: pd.DataFrame | None,
        same_image: NDArray[np.intp],
    ) -> None:
        self.n_images = len(audited)
        self.findings = [finding for finding in findings if finding]
        self.skipped = skipped
        self.class_balance = class_balance
        self.same_image = same_image
        self.train_group = audited.train_group
        self.y = audited.y
        self.groups = audited.groups
        self.images = audited.images
        self.sample_weight = np.ones(self.n_images)
        self.keep = np.ones(self.n_images, dtype=bool)
        for finding in findings:
            self._heed(finding)
        self._by_kind = {finding.kind: finding for finding in findings}

    def _heed(self, finding: Finding) -> None:
        """Take over what a finding suggests: of two weights, the smaller."""
        if finding.sample_weight is not None:
            np.minimum.at(self.sample_weight, finding.indices, finding.sample_weight)
        if finding.keep is not None:
            self.keep[finding.indices[~finding.keep]] = False

    def __getitem__(self, kind: str) -> Finding:
        """Return the finding of a kind, also where the check found nothing.

        Raises
        ------
        KeyError
            If there is no such check, or it was not made; the text says why.
        """
        if kind in self._by_kind:
            return self._by_kind[kind]
        if kind in self.skipped:
            raise KeyError(f"The check for {quoted(kind)} was not made: {self.skipped[kind]}.")
        known = [*self._by_kind, *self.skipped]
        raise KeyError(f"Got {quoted(kind)}, but expected one of {', '.join(known)}.")

    def to_frame(self) -> pd.DataFrame:
        """Return a table with a row for each finding and image.

        Returns
        -------
        frame : DataFrame
            The columns "finding" (its kind), "image" (the index), "set" (a number for the images
            that belong together, from 0; missing where each stands for itself) and "score"; then
            "group", "label" and "suggested_label" where they are known; "sample_weight" and
            "keep" as the audit suggests them for that image.
        """
        images = np.concatenate([NO_IMAGES, *(finding.indices for finding in self.findings)])
        kinds = [finding.kind for finding in self.findings for _ in finding.indices]
        columns: dict[str, Any] = {
            "finding": pd.Series(kinds, dtype=str),
            "image": images,
            "set": self._sets(),
            "score": self._of_each("scores", np.nan, np.float64),
        }
        if self.groups is not None:
            columns["group"] = _column(self.groups[images])
        if self.y is not None:
            columns["label"] = _column(self.y[images])
            columns["suggested_label"] = _column(self._of_each("suggested_labels", None, object))
        columns["sample_weight"] = self.sample_weight[images]
        columns["keep"] = self.keep[images]
        return pd.DataFrame(columns)

    def _sets(self) -> pd.arrays.IntegerArray:
        """Give the images that belong together a number, from 0 in each finding."""
        numbers = [NO_IMAGES]
        for finding in self.findings:
            if finding.groups is None:
                numbers.append(np.full(len(finding), -1, dtype=np.intp))
            else:
                sizes = [len(members) for members in finding.groups]
                numbers.append(np.repeat(np.arange(len(sizes)), sizes))
        joined = np.concatenate(numbers).astype(np.int64)
        return pd.arrays.IntegerArray(joined, mask=joined < 0)

    def _of_each(self, attribute: str, missing: Any, dtype: Any) -> NDArray[Any]:
        """Return what the findings say of each image, or what stands for nothing."""
        column = np.full(sum(map(len, self.findings)), missing, dtype=dtype)
        start = 0
        for finding in self.findings:
            values = getattr(finding, attribute)
            if values is not None:
                column[start : start + len(finding)] = values
            start += len(finding)
        return column

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold: numbers, text, lists and dicts.

        Returns
        -------
        dict
            With the keys "n_images", "train_group", "findings", "skipped", "class_balance" (group
            to class to number, both as text), "sample_weight" and "keep".
        """
        balance = self.class_balance
        return {
            "n_images": self.n_images,
            "train_group": None if self.train_group is None else str(self.train_group),
            "findings": [finding.to_dict() for finding in self.findings],
            "skipped": dict(self.skipped),
            "class_balance": None
            if balance is None
            else {
                str(group): {str(label): int(n) for label, n in balance[group].items()}
                for group in balance
            },
            "sample_weight": self.sample_weight.tolist(),
            "keep": self.keep.tolist(),
        }

    def __str__(self) -> str:
        lines = [f"Audit of {count(self.n_images, 'image')}", ""]
        width = max(map(len, [*self._by_kind, *self.skipped]))
        for kind, finding in self._by_kind.items():
            n_found = len(finding) if finding.n_faults is None else finding.n_faults
            lines.append(f"{kind:{width}}  {n_found:>7,}  {printable(finding.title)}")
        for kind, reason in self.skipped.items():
            lines.append(f"{kind:{width}}        -  {printable(reason)}")
        if self.class_balance is not None:
            lines += ["", str(printable_labels(self.class_balance))]
        if suggested := self._suggested():
            lines += ["", suggested]
        return "\n".join(lines)

    def _suggested(self) -> str:
        out, shared = int((self.sample_weight == 0).sum()), self.sample_weight
        n_shared = int(((shared > 0) & (shared < 1)).sum())
        if not out and not n_shared and self.keep.all():
            return ""
        return (
            f"Suggested for training: leave out {count(out, 'image')} and give {n_shared:,} "
            "less weight (sample_weight).\n"
            f"Without weights: leave out {int((~self.keep).sum()):,} (those that keep lacks)."
        )

    def _repr_html_(self) -> str:
        """Show what was found, and the sizes of the classes, as tables in a notebook."""
        found = {
            kind: [len(finding) if finding.n_faults is None else finding.n_faults, finding.title]
            for kind, finding in self._by_kind.items()
        }
        skipped = {kind: ["-", printable(reason)] for kind, reason in self.skipped.items()}
        table = pd.DataFrame.from_dict(found | skipped, "index", columns=["found", "what"])
        balance = [] if self.class_balance is None else [self.class_balance]
        return as_html(
            f"Audit of {count(self.n_images, 'image')}", table, *balance, self._suggested()
        )

    def __repr__(self) -> str:
        kinds = ", ".join(finding.kind for finding in self.findings) or "nothing"
        return f"<ImageAudit of {count(self.n_images, 'image')}: {kinds}>"

    def plot(self, kind: str, *, n_images: int | None = 40, **kwargs: Any) -> FaceGridDisplay:
        """Show the images of a finding.

        Parameters
        ----------
        kind : str
            The finding's kind.
        n_images : int >= 1, default=40
            How many to show at most, the worst first; None shows all.
        **kwargs : dict
            Passed to :meth:`ferclassifier.inspection.FaceGridDisplay.plot`, such as `ax`.

        Returns
        -------
        display : FaceGridDisplay

        Raises
        ------
        KeyError
            If there is no such finding.
        DataError
            If it has no image.
        ValueError
            If `n_images` is less than 1.
        ImportError
            If Matplotlib is not installed.
        """
        from ferclassifier.inspection import FaceGridDisplay

        check_count(n_images, "n_images", least=1, none="all")
        finding = self[kind]
        if not len(finding):
            raise DataError(f"The finding {quoted(kind)} has no image to show.")
        indices = finding.indices[:n_images]
        captions = [self._caption(finding, place) for place in range(len(indices))]
        display = FaceGridDisplay(self.images[indices], captions=captions, indices=indices)
        return display.plot(**kwargs)

    def _caption(self, finding: Finding, place: int) -> str:
        image = finding.indices[place]
        words = [str(image)]
        if self.groups is not None:
            words[0] += f" {self.groups[image]}"
        if self.y is not None:
            words.append(str(self.y[image]))
        if finding.suggested_labels is not None:
            words[-1] += f", rather {finding.suggested_labels[place]}"
        return "\n".join(words)


def _column(values: NDArray[Any]) -> Any:
    """Let pandas take values as it likes, unless it could not hold them."""
    dtype = pandas_dtype(values)
    return values if dtype is None else pd.Series(values, dtype=dtype)
