"""The report of a classifier's scores, section by section."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.document import (
    Block,
    Chart,
    Definitions,
    Document,
    FaceCard,
    Faces,
    KeyFigures,
    Note,
    Paragraph,
    Section,
    Share,
    Table,
)
from ferclassifier._utils.wording import count, in_words, number
from ferclassifier.report._charts import draw_svg
from ferclassifier.report._group_sections import MEANING_OF_GROUPS, group_sections
from ferclassifier.report._vote_sections import MEANINGS_OF_VOTES, vote_sections

if TYPE_CHECKING:
    from ferclassifier.metrics import EmotionReport
    from ferclassifier.report._disputed import Disputed
    from ferclassifier.report._mistakes import Mistake

# Below so many images of a class its scores say little.
_FEW_IMAGES = 30
_WORST_CONFUSIONS = 5
# The confusions of so many classes still have room in one of two columns.
_CLASSES_IN_A_COLUMN = 8
# Probabilities that are off by less, on average, are not worth a word.
_SMALL_BIAS = 0.01
_METHODS = {"gradcam": "Grad-CAM", "gradient": "gradients", "occlusion": "occlusion"}
_SPACE = "\N{NO-BREAK SPACE}"

_MEANINGS = (
    (
        "Accuracy",
        "The share of images whose most probable class is the label. The interval is Wilson's, at "
        "95 %: what another draw of images from the same source could give.",
    ),
    (
        "Precision, recall, F1",
        "Of the images that the model calls by a class, the share that bear its label; of those "
        "that bear it, the share that the model finds; and the harmonic mean of both. Macro-F1 is "
        "the mean of the classes' F1, in which a rare class counts as much as a frequent one.",
    ),
    ("Balanced accuracy", "The mean of the classes' recalls."),
    (
        "Log-loss",
        "The mean of -log of the probability that the label was given; 0 is perfect, and confident "
        "mistakes cost most.",
    ),
    (
        "Calibration error",
        "How far probabilities are from the shares of images that are right, in the mean. "
        "Expected: of the predicted class, in 15 bins (Guo et al. 2017, arXiv:1706.04599). "
        "Classwise: of every class (Kull et al. 2019, arXiv:1910.12656).",
    ),
    (
        "Saliency",
        "Where the picture speaks for the predicted class, in the eyes of the model. It shows "
        "where the model looked, not whether it had good reasons.",
    ),
)
_LIMITS = (
    "Labels of facial expressions are opinions of people, who agree on about two faces of three. "
    "A prediction says what people would call a face, not what somebody feels. Scores hold for "
    "images like those that were scored: other cameras, ages and skin tones, other light, and "
    "faces cut out in another way may fare worse, and were not examined here{}. Decide nothing "
    "about a person by such a prediction."
)


# Named scores and how they are written, for tables in which two reports stand side by side.
_COMPARED: Sequence[tuple[str, Callable[[EmotionReport], str]]] = (
    ("images", lambda scores: number(scores.n_images)),
    ("accuracy", lambda scores: _percent(scores.accuracy)),
    ("95 % interval", lambda scores: " to ".join(map(_percent, scores.accuracy_interval))),
    ("macro-F1", lambda scores: f"{scores.macro_f1:.3f}"),
    ("weighted F1", lambda scores: f"{scores.weighted_f1:.3f}"),
    ("balanced accuracy", lambda scores: _percent(scores.balanced_accuracy)),
    ("log-loss", lambda scores: f"{scores.log_loss:.3f}"),
    ("calibration error", lambda scores: f"{scores.expected_calibration_error:.3f}"),
    ("classwise calibration error", lambda scores: f"{scores.classwise_calibration_error:.3f}"),
)


@dataclass(frozen=True)
class Evaluation:
    """All that the report of a classifier shows.

    Attributes
    ----------
    scores : EmotionReport
    predicted : ndarray of shape (n_classes,)
        How many images the model calls by each class, weighted if the scores are.
    mistakes : list of Mistake
    saliency : str or None
        The method by which the mistakes were explained.
    history : dict of str to list of float, or None
        The course of the training, where the classifier has kept it.
    best_epoch : int or None
    card : dict
    disputed : list of Disputed
        The images on which raters disagree, where there are votes.
    """

    scores: EmotionReport
    predicted: NDArray[Any]
    mistakes: Sequence[Mistake]
    saliency: str | None
    history: dict[str, list[float]] | None
    best_epoch: int | None
    card: dict[str, Any]
    disputed: Sequence[Disputed] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        names = [str(name) for name in self.scores.classes]
        return {
            "scores": self.scores.to_dict(),
            "predicted": dict(zip(names, map(float, self.predicted), strict=True)),
            "mistakes": [mistake.to_dict() for mistake in self.mistakes],
            "saliency": self.saliency,
            "disputed": [face.to_dict() for face in self.disputed],
            "history": self.history
            and {
                name: [value if math.isfinite(value) else None for value in values]
                for name, values in self.history.items()
            },
            "model": self.card,
        }


def evaluation_document(
    evaluation: Evaluation, *, title: str, subtitle: str, footer: str
) -> Document:
    """Compose the report of an evaluation.

    Parameters
    ----------
    evaluation : Evaluation
    title, subtitle, footer : str

    Returns
    -------
    document : Document
    """
    scores = evaluation.scores
    meanings = [
        *_MEANINGS,
        *([] if scores.votes is None else MEANINGS_OF_VOTES),
        *([] if scores.groups is None else [MEANING_OF_GROUPS]),
    ]
    has_many = len(scores.classes) > _CLASSES_IN_A_COLUMN
    sections = [
        Section("Confusions", list(_confusions(scores)), fills_width=has_many),
        Section("Classes", list(_classes(scores))),
        Section("Most confident mistakes", list(_mistakes(evaluation)), fills_width=True),
        *vote_sections(scores.votes, evaluation.disputed),
        *group_sections(scores),
        Section("Probabilities", list(_probabilities(scores))),
        Section("Distribution of classes", list(_distribution(evaluation))),
        Section("Training", list(_training(evaluation))),
        Section("Images of the training data", list(_without_training_images(scores))),
        Section("Model", list(_model(evaluation.card))),
        Section("How to read this", [Definitions(meanings), Note(_limits(scores))]),
    ]
    return Document(title, subtitle, sections, footer, list(_summary(evaluation)))


def _limits(scores: EmotionReport) -> str:
    return _LIMITS.format("" if scores.groups is None else " beyond the groups above")


def _summary(evaluation: Evaluation) -> Iterator[Block]:
    scores = evaluation.scores
    low, high = scores.accuracy_interval
    figures = [("Accuracy", _percent(scores.accuracy), f"{_percent(low)} to {_percent(high)}")]
    if scores.without_training_images is not None:
        rest = scores.without_training_images
        figures.append(
            (
                "Without training images",
                _percent(rest.accuracy),
                f"of {count(rest.n_images, 'image')}",
            )
        )
    figures += [
        ("Macro-F1", f"{scores.macro_f1:.3f}", f"weighted {scores.weighted_f1:.3f}"),
        ("Balanced accuracy", _percent(scores.balanced_accuracy), ""),
        ("Log-loss", f"{scores.log_loss:.3f}", ""),
        (
            "Calibration error",
            f"{scores.expected_calibration_error:.3f}",
            f"classwise {scores.classwise_calibration_error:.3f}",
        ),
    ]
    gap = None if scores.groups is None else scores.groups.largest_gap
    if gap is not None:
        points = f"{100 * gap.difference:.1f} points"
        figures.append(("Gap between groups", points, f"{gap.best} and {gap.worst}"))
    yield KeyFigures(figures)
    yield Paragraph(_in_words(evaluation))


def _in_words(evaluation: Evaluation) -> str:
    scores = evaluation.scores
    if len(scores.classes) == 1:
        return f"There is one class only, {scores.classes[0]}."
    seen = scores.per_class[scores.per_class["support"] > 0]
    names, f1 = [str(name) for name in seen.index], seen["f1"].to_numpy()
    best, worst = f1.argmax(), f1.argmin()
    text = f"The model is best at {names[best]} (F1 {f1[best]:.2f})"
    if f1[best] > f1[worst]:
        text += f" and worst at {names[worst]} (F1 {f1[worst]:.2f})"
    if scores.confusions:
        text += f". Its most frequent confusion: {scores.confusions[0]}"
    few = [str(name) for name in seen.index[seen["support"] < _FEW_IMAGES]]
    # Sums of weights that are no whole numbers count no images.
    if few and seen["support"].dtype.kind == "i":
        text += f". Of {in_words(few)} there are fewer than {_FEW_IMAGES} images, which say little"
    return f"{text}."


def _classes(scores: EmotionReport) -> Iterator[Block]:
    yield _table_of_classes("Scores of each class", scores)


def _table_of_classes(caption: str, scores: EmotionReport) -> Table:
    rows: list[list[str | Share]] = [
        [str(name), *(Share(rate, f"{rate:.3f}", "bar") for rate in rates), number(support)]
        for name, *rates, support in scores.per_class.itertuples()
    ]
    return Table(caption, ["class", "precision", "recall", "F1", "images"], rows)


def _confusions(scores: EmotionReport) -> Iterator[Block]:
    names = [str(name) for name in scores.classes]
    if len(names) == 1:
        return
    counts = scores.confusion_matrix
    rows: list[list[str | Share]] = []
    for name, row in zip(names, counts, strict=True):
        shares = row / row.sum() if row.sum() else row
        cells = [
            Share(share, f"{100 * share:.0f}" if n else "", "heat", number(n) if n else "")
            for share, n in zip(shares, row, strict=True)
        ]
        rows.append([name, *cells])
    yield Table(
        "A row for each label, a column for each prediction: the percentage of the row's images, "
        "and their number below",
        ["label", *names],
        rows,
        is_wide=True,
    )
    if scores.confusions:
        worst = [f"{confusion}" for confusion in scores.confusions[:_WORST_CONFUSIONS]]
        yield Paragraph(f"The most frequent: {'; '.join(worst)}.")


def _probabilities(scores: EmotionReport) -> Iterator[Block]:
    from ferclassifier.inspection import ReliabilityDisplay

    curve = scores.reliability
    filled = curve.share > 0
    bias = float(((curve.confidence - curve.accuracy) * curve.share)[filled].sum())
    mean = float((curve.confidence * curve.share)[filled].sum())
    interval = scores.accuracy_interval
    yield Paragraph(
        f"On average the model gives its prediction a probability of {_percent(mean)}, and is "
        f"right in {_percent(mean - bias)} of the cases (95{_SPACE}% interval "
        f"{' to '.join(map(_percent, interval))}): {_too_sure(mean, bias, interval)}."
    )
    yield Chart(
        draw_svg(lambda figure: ReliabilityDisplay(curve).plot(ax=figure.subplots()), height=4.2),
        "Reliability: the share of predictions that are right against the probability they were "
        "given. On the diagonal a probability means what it says.",
    )
    rows: list[list[str | Share]] = [
        [
            f"{curve.edges[i]:.2f} to {curve.edges[i + 1]:.2f}",
            _percent(curve.share[i]),
            f"{curve.confidence[i]:.3f}",
            Share(curve.accuracy[i], f"{curve.accuracy[i]:.3f}", "bar"),
        ]
        for i in np.flatnonzero(filled)
    ]
    yield Table(
        "The same in numbers",
        ["probability", "predictions", "mean probability", "right"],
        rows,
        is_folded=True,
    )


def _too_sure(mean: float, bias: float, interval: tuple[float, float]) -> str:
    if abs(bias) < _SMALL_BIAS:
        return "neither too sure nor too unsure"
    if interval[0] <= mean <= interval[1]:
        return "too few images to call it too sure or too unsure"
    return "too sure of itself" if bias > 0 else "right more often than it claims"


def _mistakes(evaluation: Evaluation) -> Iterator[Block]:
    if not evaluation.mistakes:
        if evaluation.scores.accuracy == 1.0:
            yield Paragraph("There are none: every image is recognised.")
        return
    cards = [
        FaceCard(
            mistake.views,
            [
                f"{mistake.predicted} {_percent(mistake.probability)}",
                f"label: {mistake.true} {_percent(mistake.probability_of_label)}",
                mistake.name,
            ],
        )
        for mistake in evaluation.mistakes
    ]
    caption = (
        "The mistakes that the model is surest of: its prediction and the probability, then the "
        "label and its probability."
    )
    if evaluation.saliency:
        caption += f" Beside each face, what the model looked at ({_METHODS[evaluation.saliency]})."
    caption += " Some of the labels may be wrong instead."
    yield Faces([cards], caption)


def _distribution(evaluation: Evaluation) -> Iterator[Block]:
    from ferclassifier.inspection import ClassDistributionDisplay

    scores = evaluation.scores
    names = [str(name) for name in scores.classes]
    labels = scores.confusion_matrix.sum(axis=1)
    counts = {"labels": labels, "predictions": evaluation.predicted}
    yield Chart(
        draw_svg(
            lambda figure: ClassDistributionDisplay(names, counts).plot(ax=figure.subplots()),
            height=1.0 + 0.42 * len(names),
        ),
        "How many images have each label, and how many times the model predicts it.",
    )


def _training(evaluation: Evaluation) -> Iterator[Block]:
    from ferclassifier.inspection import TrainingCurvesDisplay

    history = evaluation.history
    if not history or not history.get("loss"):
        return
    display = TrainingCurvesDisplay(history, evaluation.best_epoch)
    yield Chart(
        draw_svg(lambda figure: display.plot(ax=figure.subplots()), height=5.0),
        "Loss, accuracy and learning rate by epoch. Training accuracy is that of randomly changed "
        "images, under dropout, and so lower than it would be on the images themselves.",
    )


def _without_training_images(scores: EmotionReport) -> Iterator[Block]:
    rest = scores.without_training_images
    if scores.n_in_training is None:
        return
    if not scores.n_in_training:
        yield Paragraph(
            "None of the images appears in the training data, pixel for pixel. "
            f"{_compared_with(scores)}"
        )
        return
    yield Paragraph(
        f"{number(scores.n_in_training)} of {count(scores.n_images, 'image')} also appear in the "
        f"training data, pixel for pixel. {_compared_with(scores)} A model may have memorised "
        "those that it was trained on: trust the scores without them."
    )
    if rest is None:
        yield Paragraph("No others are left, so there are no such scores.")
        return
    rows = [[name, *map(of, (scores, rest))] for name, of in _COMPARED]
    yield Table("With and without them", ["", "all images", "without them"], rows)
    yield _table_of_classes("Scores of each class without them", rest)


def _compared_with(scores: EmotionReport) -> str:
    return f"All were compared with {in_words(scores.compared_with)}."


def _model(card: dict[str, Any]) -> Iterator[Block]:
    yield Definitions([(name.replace("_", " "), _value(value)) for name, value in card.items()])


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {item}" for name, item in value.items())
    if isinstance(value, list):
        return ", then ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}{_SPACE}%"
