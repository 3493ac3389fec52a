"""What the report of a classifier says of groups of images."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ferclassifier._utils.document import Block, Paragraph, Section, Share, Table
from ferclassifier._utils.wording import count, number

if TYPE_CHECKING:
    from ferclassifier.metrics import EmotionReport, GroupScores

_SPACE = "\N{NO-BREAK SPACE}"

MEANING_OF_GROUPS = (
    "Gaps between groups",
    "The difference between the best group and the worst, for accuracy and for the recall of each "
    "class. Its interval (Newcombe 1998) holds for all pairs of groups together, with 95 % "
    "confidence, because the largest of many differences is the largest by chance too. Where it "
    "reaches below 0, chance alone may have made the gap; that is no proof that there is none. It "
    "takes images as independent, which several pictures of one person are not.",
)


def group_sections(scores: EmotionReport) -> list[Section]:
    """Return the section on groups; none where no groups were given."""
    return [] if scores.groups is None else [Section("Groups", list(_groups(scores.groups)))]


def gap_in_words(groups: GroupScores) -> str:
    """Say the largest gap in accuracy; nothing where there is a single group."""
    gap = groups.largest_gap
    if gap is None:
        return ""
    accuracy = dict(zip(groups.by_group.index, groups.by_group["accuracy"], strict=True))
    return (
        f"The largest gap in accuracy: {_percent(accuracy[gap.best])} on {gap.best}, "
        f"{_percent(accuracy[gap.worst])} on {gap.worst}"
    )


def _groups(groups: GroupScores) -> Iterator[Block]:
    words = gap_in_words(groups)
    if words:
        yield Paragraph(f"{words}.")
    if groups.n_left_out:
        yield Paragraph(f"{count(groups.n_left_out, 'image')} of no known group left out.")
    yield Table(
        "Scores of each group",
        ["group", "accuracy", "95 % interval", "macro-F1", "images"],
        [
            [
                str(name),
                Share(accuracy, f"{accuracy:.3f}", "bar"),
                f"{_percent(low)} to {_percent(high)}",
                Share(macro_f1, f"{macro_f1:.3f}", "bar"),
                number(support),
            ]
            for name, accuracy, low, high, macro_f1, support in groups.by_group.itertuples()
        ],
    )
    yield Table(
        "The share of each class's images that the model finds, by group, in per cent",
        ["group", *map(str, groups.recalls.columns)],
        [[str(name), *map(_recall, recalls)] for name, *recalls in groups.recalls.itertuples()],
        is_wide=True,
    )
    if len(groups.gaps):
        yield Table(
            "The largest gaps, in points of per cent",
            ["", "gap", "interval", "best", "worst"],
            [
                [
                    "accuracy" if place == 0 else f"recall of {label}",
                    f"{100 * gap:.1f}",
                    f"{100 * low:.1f} to {100 * high:.1f}",
                    str(best),
                    str(worst),
                ]
                for place, (label, best, worst, gap, low, high, _) in enumerate(
                    groups.gaps.itertuples()
                )
            ],
        )


def _recall(recall: float) -> str | Share:
    return "" if math.isnan(recall) else Share(recall, f"{100 * recall:.0f}", "heat")


def _percent(share: float) -> str:
    return f"{100 * share:.1f}{_SPACE}%"
