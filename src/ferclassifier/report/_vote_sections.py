"""What the report of a classifier says of several raters of each image."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ferclassifier._utils.document import Block, FaceCard, Faces, Paragraph, Section, Share, Table
from ferclassifier._utils.wording import count, number

if TYPE_CHECKING:
    from ferclassifier.metrics import VoteScores
    from ferclassifier.report._disputed import Disputed

_SPACE = "\N{NO-BREAK SPACE}"

MEANINGS_OF_VOTES = (
    (
        "Agreement with a rater",
        "How often one of an image's raters, drawn at random, says what the model says. A model "
        "that agrees as often as two raters do is like one more rater; none can agree more often "
        "than the most frequent answer does. Single votes count here. For the majority and the "
        "shares they are taken away as outliers (Barsoum et al. 2016, arXiv:1608.01041).",
    ),
    (
        "Divergence from the votes",
        "The mean Kullback-Leibler divergence of the probabilities from the shares of the votes; 0 "
        "is perfect. Beside it stands what it would be if each image were given the mean of all "
        "votes.",
    ),
)


def vote_sections(scores: VoteScores | None, disputed: Sequence[Disputed]) -> list[Section]:
    """Return the sections on raters; none where no votes were given."""
    if scores is None:
        return []
    # The faces first: after them, columns of a wide page begin anew.
    return [
        Section("Faces on which raters disagree", list(_faces(disputed)), fills_width=True),
        Section("Votes of raters", list(_scores(scores))),
    ]


def _scores(scores: VoteScores) -> Iterator[Block]:
    if scores.n_left_out:
        yield Paragraph(
            f"{count(scores.n_left_out, 'image')} without votes, or that raters did not give a "
            "label, are left out."
        )
    if not scores.n_images:
        yield Paragraph(f"{scores.summary()}.")
        return
    yield Paragraph(_in_words(scores))
    rows: list[list[str | Share]] = [
        [
            "agreement of the model with a rater",
            _percent(scores.agreement_with_rater),
            _interval(scores.agreement_with_rater_interval),
        ],
        [
            "agreement of two raters",
            _percent(scores.rater_agreement),
            _interval(scores.rater_agreement_interval),
        ],
        [
            "agreement of the most frequent answer with a rater",
            _percent(scores.highest_agreement),
            "",
        ],
        [
            "divergence from the votes",
            _float(scores.kl_divergence),
            " to ".join(map(_float, scores.kl_divergence_interval)),
        ],
        ["divergence of the mean of all votes", _float(scores.kl_of_mean_votes), ""],
        ["log-loss on the votes", _float(scores.log_loss), ""],
    ]
    if scores.n_with_majority:
        accuracy = [_percent(scores.accuracy), _interval(scores.accuracy_interval)]
        rows.insert(0, ["accuracy against the majority", *accuracy])
    yield Table("Beside several raters", ["score", "", "95 % interval"], rows)
    if not len(scores.by_agreement):
        return
    are_numbers = scores.by_agreement.index.name == "raters"
    by_agreement: list[list[str | Share]] = [
        [
            number(raters) if are_numbers else f"{100 * raters:.0f}{_SPACE}%",
            Share(accuracy, f"{accuracy:.3f}", "bar"),
            _interval((low, high)),
            number(support),
        ]
        for raters, accuracy, low, high, support in scores.by_agreement.itertuples()
    ]
    yield Table(
        "By how many raters agree, where more than half do",
        ["raters that agree", "accuracy", "95 % interval", "images"],
        by_agreement,
    )


def _in_words(scores: VoteScores) -> str:
    agreement = _percent(scores.agreement_with_rater)
    text = f"The model says what a rater, drawn at random, says of {agreement} of the faces"
    if not math.isnan(scores.rater_agreement):
        text += f"; two raters say the same of {_percent(scores.rater_agreement)}"
    return f"{text}. No model can agree on more than {_percent(scores.highest_agreement)}."


def _faces(disputed: Sequence[Disputed]) -> Iterator[Block]:
    if not disputed:
        return
    cards = [
        FaceCard(
            [(face.picture, f"raters say {face.raters_in_words}")],
            [f"raters: {face.raters_in_words}", f"model: {face.model_in_words}", face.name],
        )
        for face in disputed
    ]
    yield Faces(
        [cards],
        "Those on which two raters say the same least often: what they said, what the model says, "
        "and which image it is.",
    )


def _interval(interval: tuple[float, float]) -> str:
    return " to ".join(map(_percent, interval)) if not math.isnan(interval[0]) else ""


def _float(value: float) -> str:
    return "unknown" if math.isnan(value) else f"{value:.3f}"


def _percent(share: float) -> str:
    return "unknown" if math.isnan(share) else f"{100 * share:.1f}{_SPACE}%"
