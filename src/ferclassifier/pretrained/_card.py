"""The card of a released model, section by section."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ferclassifier._utils.document import (
    Block,
    Definitions,
    Document,
    KeyFigures,
    Note,
    Paragraph,
    Section,
    Table,
)
from ferclassifier._utils.wording import in_words
from ferclassifier.pretrained import _votes_in_words
from ferclassifier.pretrained._facts import ClassScores, ModelFacts, Scores

_TITLES = {
    "all": "all images",
    "without_copies": "without copies of training images",
    "without_near_duplicates": "without near duplicates of them either",
}
_COMPARED: Sequence[tuple[str, Callable[[Scores], str]]] = (
    ("images", lambda scores: f"{scores.n_images:,}"),
    ("accuracy", lambda scores: _percent(scores.accuracy)),
    ("95 % interval", lambda scores: " to ".join(map(_percent, scores.accuracy_interval))),
    ("macro-F1", lambda scores: f"{scores.macro_f1:.3f}"),
    ("log-loss", lambda scores: f"{scores.log_loss:.3f}"),
    ("calibration error", lambda scores: f"{scores.expected_calibration_error:.3f}"),
)
_IMPRESSIONS = (
    "It says what people would call the expression in a picture of a face. The labels are the "
    "impressions of raters who saw a small gray picture, of an expression that was posed or "
    "caught: no record of what anybody felt. Expressions are no reliable sign of inner states "
    "(Barrett et al. 2019, Psychological Science in the Public Interest 20)."
)
_USES = (
    (
        "Meant for",
        "Research and teaching on facial expression recognition, comparisons with other models, "
        "a start for networks of your own, and programs that react to an expression where a "
        "mistake costs nobody anything and the person shown has agreed.",
    ),
    (
        "Not for",
        "Decisions on persons: hiring, grading, insurance, policing, borders, medicine, "
        "advertising. Nor for lie detection, diagnosis, or the surveillance of anybody.",
    ),
    (
        "Law",
        "In the European Union, Article 5(1)(f) of the AI Act, Regulation (EU) 2024/1689, "
        "prohibits systems that infer emotions of persons at work and in education, except for "
        "medical or safety reasons. Elsewhere such systems count as high-risk (Annex III), and "
        "the persons exposed to them must be told (Article 50). Other laws may forbid more.",
    ),
)
_FACTORS = (
    "Size, pose, light, occlusion and the crop of the face change the prediction. The training "
    "images were searched with words for gender, age and ethnicity beside those for emotions "
    "(Goodfellow et al. 2013), but the data set does not say who is shown: its balance is "
    "unknown, and no score could be measured for any group of people."
)
_METRICS = (
    "Accuracy with Wilson's 95 % interval, macro-F1 (the mean of the classes' F1, in which a rare "
    "class counts as much as a frequent one), the precision and recall of every class, log-loss, "
    "and the expected calibration error in 15 bins."
)
_TRAINING_DATA = (
    "FER-2013, its part Training: 28,709 gray images of 48 x 48 pixels, of which 4,965 are "
    "labelled neutral, 7,215 happy and 436 disgust. Faces were found by a detector among the "
    "results of a web image search, and labels that seemed wrong were rejected by people "
    "(Goodfellow et al. 2013, arXiv:1307.0414). Many wrong ones remain: people reach 65 ± 5 % on "
    "these labels, so that about 35 % of them are not what somebody else would say. Some images "
    "show no face, and many appear twice."
)
_EVALUATION_DATA = (
    "FER-2013, its part PublicTest: 3,589 images of the same source. Of some, Training "
    "holds a copy or a near duplicate, such as another crop of the same photograph, "
    "which a model may have memorised: the scores without them are the ones to trust. They hold "
    "for images of this source; on others expect lower ones."
)
_ADVICE = (
    (
        "Try it",
        "Score it on images of your own, labelled by several people, before you rely on it.",
    ),
    ("Crop", "Cut faces out as in FER-2013: upright, frontal, from the forehead to the chin."),
    ("Doubt", "Heed the probabilities, not the label alone, and ask people where it doubts."),
    ("Fit", "For other people, cameras or labels, fit it further on images of your own."),
)
_REFERENCE = (
    "In the form of Mitchell et al., Model Cards for Model Reporting, 2019, arXiv:1810.03993."
)


def card_document(facts: ModelFacts) -> Document:
    """Compose the card of a released model.

    Parameters
    ----------
    facts : ModelFacts

    Returns
    -------
    document : Document
        With the sections of Mitchell et al., arXiv:1810.03993.
    """
    by_people = facts.labels == "FER+"
    evaluated = _votes_in_words.EVALUATION_DATA if by_people else _EVALUATION_DATA
    trained = _votes_in_words.TRAINING_DATA if by_people else _TRAINING_DATA
    sections = [
        Section("Model details", list(_details(facts))),
        Section("Intended use", [Paragraph(_IMPRESSIONS), Definitions(_USES)]),
        Section("Factors", [Paragraph(_FACTORS)]),
        Section("Metrics", [Paragraph(_METRICS)]),
        Section("Evaluation data", [Paragraph(evaluated), Paragraph(facts.protocol)]),
        Section("Training data", [Paragraph(trained), Paragraph(facts.data)]),
        Section("Quantitative analyses", list(_analyses(facts))),
        Section("Ethical considerations", list(_ethics(facts))),
        Section("Caveats and recommendations", list(_caveats(facts))),
    ]
    return Document(
        f"Model card: {facts.name}", facts.summary, sections, _REFERENCE, list(_summary(facts))
    )


def _summary(facts: ModelFacts) -> Iterator[Block]:
    scores, rest = facts.scores["all"], facts.scores["without_near_duplicates"]
    by_votes = "" if facts.votes is None else "against the votes"
    yield KeyFigures(
        [
            ("Accuracy", _percent(scores.accuracy), _interval_in_words(scores)),
            ("Without near duplicates", _percent(rest.accuracy), _interval_in_words(rest)),
            ("Macro-F1", f"{scores.macro_f1:.3f}", f"without near duplicates {rest.macro_f1:.3f}"),
            ("Calibration error", f"{facts.calibration_error:.3f}", by_votes),
        ]
    )
    agreed = " on which most of ten people agree" if facts.labels == "FER+" else ""
    yield Paragraph(
        f"On the {scores.n_images:,} images of PublicTest{agreed}. Of {rest.n_images:,} of them "
        "Training holds neither a copy nor a near duplicate: the scores on those are the ones to "
        "trust."
    )
    yield Note("It tells what a face looks like to others, not what a person feels.")


def _interval_in_words(scores: Scores) -> str:
    return f"95 % interval {' to '.join(map(_percent, scores.accuracy_interval))}"


def _details(facts: ModelFacts) -> Iterator[Block]:
    training = facts.training
    config = [f"{name}={value!r}" for name, value in training.config.items()]
    members = [f"{name} ({weight:.2f})" for name, weight in facts.members.items()]
    entries = [
        ("Developers", "those of ferclassifier"),
        ("Architecture", facts.architecture),
        ("Members and their weights", ", ".join(members)),
        ("Input", "gray images of 48 x 48 pixels, of one face each"),
        ("Output", f"probabilities of {in_words(facts.classes)}"),
        ("Parameters", f"{facts.n_parameters:,}"),
        ("Multiplications", f"{facts.multiply_adds / 1e6:,.0f} million a prediction"),
        ("File", f"{facts.file_size / 1e6:.1f} MB"),
        ("Speed", facts.speed),
        ("Views", _views(facts.test_time_augmentation)),
        ("Temperature", f"{facts.temperature:.3f}"),
        ("Training", f"{training.epochs:,} epochs, {training.minutes:,.0f} minutes"),
        ("Hardware", training.hardware),
        ("Parameters of the training", ", ".join(config) or "the defaults"),
        ("Notes", training.notes),
        ("Licence of the weights", facts.licence_of_weights),
        ("Licence of the data", facts.licence_of_data),
    ]
    yield Definitions([(term, text) for term, text in entries if text])


def _views(name: str | None) -> str:
    return {
        None: "the image as it is",
        "flip": "the image and its mirror image",
        "ten_crop": "the image and its mirror image, each at five places",
    }[name]


def _analyses(facts: ModelFacts) -> Iterator[Block]:
    subsets = [(title, facts.scores[name]) for name, title in _TITLES.items()]
    rows = [[name, *(of(scores) for _, scores in subsets)] for name, of in _COMPARED]
    yield Table("PublicTest, three ways.", ["", *(title for title, _ in subsets)], rows)
    title, scores = subsets[-1]
    yield _table_of_classes(title, scores.classes)
    if facts.votes is not None:
        yield from _votes_in_words.on_votes(facts.votes)
    if facts.backends:
        yield Table(
            "Predictions on other backends of Keras, against TensorFlow's.",
            ["backend", "images", "same label", "largest difference of a probability"],
            [
                [name, f"{a.n_images:,}", f"{100 * a.same_labels:.2f} %", f"{a.max_difference:.1e}"]
                for name, a in facts.backends.items()
            ],
        )


def _table_of_classes(title: str, classes: dict[str, ClassScores]) -> Table:
    headings, rows = ["class", "precision", "recall", "F1", "images"], []
    for name, row in classes.items():
        rates = [f"{x:.3f}" for x in (row.precision, row.recall, row.f1)]
        rows.append([name, *rates, f"{row.support:,}"])
    if any(row.recall_interval for row in classes.values()):
        headings.insert(3, "95 % interval of recall")
        for cells, row in zip(rows, classes.values(), strict=True):
            cells.insert(3, _interval(row.recall_interval))
    return Table(f"The classes, {title}.", headings, rows)


def _interval(ends: tuple[float, float] | None) -> str:
    return "" if ends is None else "{:.3f} to {:.3f}".format(*ends)


def _ethics(facts: ModelFacts) -> Iterator[Block]:
    yield Paragraph("Who may be harmed:")
    yield Definitions(list(facts.who_may_be_harmed.items()))


def _caveats(facts: ModelFacts) -> Iterator[Block]:
    scores = facts.scores["without_near_duplicates"].classes
    weakest = sorted(scores, key=lambda name: scores[name].recall)[:2]
    missed = in_words([f"{name} ({_percent(1 - scores[name].recall)})" for name in weakest])
    yield Paragraph("Where it is known to fail:")
    yield Definitions([("Missed most often", f"{missed}."), *facts.known_failings.items()])
    yield Paragraph("What to do:")
    yield Definitions(_ADVICE)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
