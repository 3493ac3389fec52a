"""The report of what is wrong with images, finding by finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.document import (
    Block,
    Definitions,
    Document,
    FaceCard,
    Faces,
    KeyFigures,
    Paragraph,
    Section,
    Share,
    Table,
)

if TYPE_CHECKING:
    from ferclassifier.audit import Finding, ImageAudit

# Of the images that belong together so many are shown.
_FACES_PER_SET = 6

_USES = (
    (
        "In Python",
        "audit.sample_weight is to be passed to fit; audit.keep is a mask for what takes no "
        "weights. audit.same_image, as the groups of StratifiedGroupKFold, keeps copies on one "
        "side of every split. audit[kind].indices are the images of a finding, the worst first.",
    ),
    (
        "How far to trust it",
        "Copies and constant images are certain. All else is a suspicion, to be looked at: only a "
        "person can tell whether a picture shows a face, and people disagree about one label in "
        "three.",
    ),
)


def audit_document(
    audit: ImageAudit,
    *,
    names: Sequence[str] | None,
    n_pictures: int,
    title: str,
    subtitle: str,
    footer: str,
) -> Document:
    """Compose the report of an audit.

    Parameters
    ----------
    audit : ImageAudit
    names : sequence of str, or None
        What to call each image; None calls it by its group and its position.
    n_pictures : int
        How many pictures of a finding are shown at most.
    title, subtitle, footer : str

    Returns
    -------
    document : Document
    """

    def name_of(index: int) -> str:
        if names is not None:
            return names[index]
        group = "image" if audit.groups is None else audit.groups[index]
        return f"{group} {index}"

    sections = [Section("Classes", list(_classes(audit)))]
    sections += [
        Section(finding.title, list(_finding(audit, finding, name_of, n_pictures)))
        for finding in audit.findings
    ]
    sections += [
        Section("Not checked", list(_skipped(audit))),
        Section("How to use this", [Definitions(_USES)]),
    ]
    return Document(title, subtitle, sections, footer, list(_summary(audit)))


def _summary(audit: ImageAudit) -> Iterator[Block]:
    weights = audit.sample_weight
    n_out = np.count_nonzero(weights == 0)
    yield KeyFigures(
        [
            ("Images", f"{audit.n_images:,}", ""),
            ("Kinds of findings", f"{len(audit.findings)}", ""),
            (
                "Leave out",
                f"{n_out:,}",
                f"and give {np.count_nonzero(weights < 1) - n_out:,} less weight (sample_weight)",
            ),
            (
                "Without weights, leave out",
                f"{np.count_nonzero(~audit.keep):,}",
                "all that keep does not keep",
            ),
        ]
    )
    if not audit.findings:
        yield Paragraph("Nothing was found.")
        return
    rows: list[list[str | Share]] = [
        [finding.title, f"{len(finding):,}", _suggestion(finding)] for finding in audit.findings
    ]
    yield Table("What was found", ["finding", "images", "suggested"], rows)


def _suggestion(finding: Finding) -> str:
    if finding.sample_weight is None or not len(finding):
        return "look at them"
    n_out = np.count_nonzero(finding.sample_weight == 0)
    n_lowered = np.count_nonzero(finding.sample_weight < 1) - n_out
    parts = []
    if n_out:
        parts.append(f"leave {n_out:,} out")
    if n_lowered:
        parts.append(f"give {n_lowered:,} less weight")
    return ", ".join(parts) or "look at them"


def _classes(audit: ImageAudit) -> Iterator[Block]:
    balance = audit.class_balance
    if balance is None:
        return
    totals = balance.sum(axis=0)
    rows: list[list[str | Share]] = []
    for label, counts in balance.iterrows():
        cells = [
            Share(n / total if total else 0.0, f"{n:,}", "bar")
            for n, total in zip(counts, totals, strict=True)
        ]
        rows.append([str(label), *cells])
    yield Table("Images of each class", ["class", *map(str, balance.columns)], rows)


def _finding(
    audit: ImageAudit, finding: Finding, name_of: Callable[[int], str], n_pictures: int
) -> Iterator[Block]:
    yield Paragraph(finding.explanation)
    if not len(finding) or not n_pictures:
        return
    extras = _extras(finding)

    def card(index: int) -> FaceCard:
        return _card(audit, index, extras.get(index, ""), name_of(index))

    if finding.groups is None:
        yield _ranked(finding, card, n_pictures)
    else:
        yield _sets(audit, finding.groups, card, n_pictures)


def _ranked(finding: Finding, card: Callable[[int], FaceCard], n_pictures: int) -> Faces:
    """Show the worst images."""
    worst = finding.indices[:n_pictures].tolist()
    caption = f"{len(worst):,} of {len(finding):,} images"
    if finding.scores is not None:
        caption += f", sorted by the number below them, the {finding.score_name}"
    caption += "."
    return Faces([[card(index) for index in worst]], caption)


def _sets(
    audit: ImageAudit,
    sets: Sequence[NDArray[np.intp]],
    card: Callable[[int], FaceCard],
    n_pictures: int,
) -> Faces:
    """Show the first sets of images that belong together, the large ones cut."""
    shown: list[list[FaceCard]] = []
    for images in sets:
        if sum(map(len, shown)) >= n_pictures:
            break
        few = _most_telling(audit, images.tolist())
        shown.append([card(index) for index in few])
        if len(few) < len(images):
            shown[-1].append(FaceCard([], [f"and {len(images) - len(few):,} more"]))
    caption = f"{len(shown):,} of {len(sets):,} sets of images."
    return Faces(shown, caption, belong_together=True)


def _most_telling(audit: ImageAudit, images: list[int]) -> list[int]:
    """Choose some of the images that belong together, such that all groups and labels are seen."""
    kinds: dict[Any, int] = {}
    for i in images:
        group = None if audit.groups is None else audit.groups[i]
        kinds.setdefault((group, None if audit.y is None else audit.y[i]), i)
    first = list(kinds.values())
    others = [i for i in images if i not in kinds.values()]
    return sorted([*first, *others][:_FACES_PER_SET])


def _extras(finding: Finding) -> dict[int, str]:
    """Say of each image what the finding says: a better label, its score."""
    texts: dict[int, list[str]] = {int(i): [] for i in finding.indices}
    if finding.suggested_labels is not None:
        for i, label in zip(finding.indices, finding.suggested_labels, strict=True):
            texts[int(i)].append(f"perhaps {label}?")
    if finding.scores is not None and finding.groups is None:
        for i, score in zip(finding.indices, finding.scores, strict=True):
            texts[int(i)].append(f"{score:.3g}")
    return {i: " ".join(words) for i, words in texts.items()}


def _card(audit: ImageAudit, index: int, extra: str, name: str) -> FaceCard:
    label = "" if audit.y is None else str(audit.y[index])
    what = f"{name}, labelled {label}" if label else name
    return FaceCard([(audit.images[index], what)], [line for line in (label, extra, name) if line])


def _skipped(audit: ImageAudit) -> Iterator[Block]:
    if audit.skipped:
        yield Definitions([(kind.replace("-", " "), why) for kind, why in audit.skipped.items()])
