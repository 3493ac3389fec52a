"""The facts of a released model, as they stand in the JSON file beside its weights."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ferclassifier.exceptions import DataError
from ferclassifier.pretrained._typed_json import read_as
from ferclassifier.pretrained._vote_facts import VoteFacts

if TYPE_CHECKING:
    from ferclassifier.metrics import EmotionReport

SCORED = ("all", "without_copies", "without_near_duplicates")
BACKENDS = ("tensorflow", "jax", "torch")
# Scores are written with four digits, and what follows from them differs in the last.
_ROUNDING = 1e-3

FAILINGS = {
    "Pose and light": "Faces that are turned away, partly covered, dark, blurred or cut out in "
    "another way than in FER-2013 are rare in the training data: expect more mistakes. How many "
    "more was not measured.",
    "Age": "How well children and old people are recognised was not measured.",
    "No face": "What is no face gets a label too, often with a high probability.",
}
HARMED = {
    "People unlike those in the data": "Whose faces, skin tones, ages, disabilities or ways of "
    "showing emotion are rare in the training data may be misread more often. Nobody has measured "
    "how much more.",
    "People who are judged": "Something may be decided about them by what others would call a "
    "picture of them, and not by what they feel or intend.",
    "People who are watched": "A camera can read faces without their knowledge or consent.",
}
LICENCE_OF_DATA = (
    "FER-2013 was collected by Pierre-Luc Carrier and Aaron Courville with a web image search, for "
    "a challenge of a workshop at ICML 2013 that was held on Kaggle. The rights to the images stay "
    "with their owners, and the people in them were not asked. The data set is passed on for "
    "research. Its images are not part of this package."
)
_LICENCE_OF_WEIGHTS = (
    "MIT, as the package. The licence covers what the authors of the package made. What the rights "
    "to the training images mean for weights that were computed from them is not settled and "
    "differs between countries: clarify it before any use beyond research."
)


@dataclass(frozen=True)
class ClassScores:
    """The scores of one class.

    Attributes
    ----------
    precision, recall, f1 : float in [0, 1]
    support : int
        Number of images that bear the label.
    recall_interval : tuple of (low, high), or None
        Wilson's 95 % interval; None where it was not written down.
    """

    precision: float
    recall: float
    f1: float
    support: int
    recall_interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class Scores:
    """The scores on one set of images.

    Attributes
    ----------
    n_images : int
    accuracy : float in [0, 1]
    accuracy_interval : tuple of (low, high)
        Wilson's 95 % interval.
    macro_f1 : float in [0, 1]
    log_loss : float >= 0
    expected_calibration_error : float in [0, 1]
    classes : dict of str to ClassScores
    """

    n_images: int
    accuracy: float
    accuracy_interval: tuple[float, float]
    macro_f1: float
    log_loss: float
    expected_calibration_error: float
    classes: dict[str, ClassScores]

    @classmethod
    def of(cls, report: EmotionReport) -> Scores:
        """Take from a report what a card tells, rounded to four digits.

        Parameters
        ----------
        report : EmotionReport
            What :func:`ferclassifier.metrics.emotion_report` returned, without weights.

        Returns
        -------
        scores : Scores
        """
        from ferclassifier.metrics import wilson_interval

        classes = {
            name: ClassScores(
                precision=round(row["precision"], 4),
                recall=round(row["recall"], 4),
                f1=round(row["f1"], 4),
                support=int(row["support"]),
                recall_interval=_rounded(wilson_interval(row["recall"], row["support"]))
                if row["support"]
                else None,
            )
            for name, row in report.to_dict()["classes"].items()
        }
        return cls(
            n_images=int(report.n_images),
            accuracy=round(report.accuracy, 4),
            accuracy_interval=_rounded(report.accuracy_interval),
            macro_f1=round(report.macro_f1, 4),
            log_loss=round(report.log_loss, 4),
            expected_calibration_error=round(report.expected_calibration_error, 4),
            classes=classes,
        )


def _rounded(interval: tuple[float, float]) -> tuple[float, float]:
    low, high = interval
    return round(low, 4), round(high, 4)


@dataclass(frozen=True)
class Agreement:
    """How far the predictions on another backend are those of TensorFlow.

    Attributes
    ----------
    n_images : int
        How many images were compared.
    same_labels : float in [0, 1]
        Share of the images that get the same label.
    max_difference : float in [0, 1]
        The largest difference of two probabilities.
    """

    n_images: int
    same_labels: float
    max_difference: float


@dataclass(frozen=True)
class Training:
    """How a model came about.

    Attributes
    ----------
    config : dict
        The parameters of FERClassifier that differ from their defaults.
    epochs : int
        Passes over the training images; of an ensemble, those of all members.
    minutes : float
        How long it took, all members together.
    hardware : str
    notes : str, default=""
        What the parameters do not tell, such as the teachers of a distilled network.
    """

    config: dict[str, Any]
    epochs: int
    minutes: float
    hardware: str
    notes: str = ""


@dataclass(frozen=True)
class ModelFacts:
    """What is known of a released model.

    Attributes
    ----------
    name : str
        The name by which it is loaded, and that of its files.
    summary : str
        What it is, in a line.
    architecture : str
        The network; of an ensemble, those of its members.
    classes : list of str
        The labels, in the order of the probabilities.
    data : str
        What it was trained on.
    protocol : str
        What was chosen on which images, and what the scores were measured on.
    training : Training
    n_parameters : int
        Number of weights.
    multiply_adds : int
        Multiplications of one prediction, with all the views that are averaged in it.
    file_size : int
        Bytes of the weights' file; of an ensemble, those of all members.
    temperature : float > 0
        By which log-probabilities are divided.
    test_time_augmentation : {None, "flip", "ten_crop"}
        The views that are averaged.
    scores : dict of str to Scores
        On PublicTest: "all" images, "without_copies" of training images, and
        "without_near_duplicates" of them, which leaves out the copies too.
    backends : dict of str to Agreement
        Of "tensorflow", "jax" and "torch", those that were compared.
    labels : {"FER-2013", "FER+"}, default="FER-2013"
        What the images are labelled with: by one person each, or by most of ten people.
    votes : VoteFacts, default=None
        How close the probabilities are to the votes of ten people, where they learned from them.
    members : dict of str to float, default={}
        The weights of an ensemble's members, by the names of their files; empty for a network.
    speed : str, default=""
        How long a prediction takes, and on what.
    known_failings, who_may_be_harmed : dict of str to str
        Headings and sentences; what holds for any model of FER-2013, unless given.
    licence_of_data, licence_of_weights : str
        Those of FER-2013 and of this package, unless given.
    """

    name: str
    summary: str
    architecture: str
    classes: list[str]
    data: str
    protocol: str
    training: Training
    n_parameters: int
    multiply_adds: int
    file_size: int
    temperature: float
    test_time_augmentation: Literal["flip", "ten_crop"] | None
    scores: dict[str, Scores]
    backends: dict[str, Agreement]
    labels: Literal["FER-2013", "FER+"] = "FER-2013"
    votes: VoteFacts | None = None
    members: dict[str, float] = field(default_factory=dict)
    speed: str = ""
    known_failings: dict[str, str] = field(default_factory=lambda: dict(FAILINGS))
    who_may_be_harmed: dict[str, str] = field(default_factory=lambda: dict(HARMED))
    licence_of_data: str = LICENCE_OF_DATA
    licence_of_weights: str = _LICENCE_OF_WEIGHTS

    @property
    def calibration_error(self) -> float:
        """Of all images: against the votes of people, where the model has learned those."""
        if self.votes is not None:
            return self.votes.calibration_error
        return self.scores["all"].expected_calibration_error

    @classmethod
    def from_json(cls, text: str) -> ModelFacts:
        """Read the facts, and check them.

        Parameters
        ----------
        text : str
            What :meth:`to_json` returned.

        Returns
        -------
        facts : ModelFacts

        Raises
        ------
        DataError
            A ValueError: if a fact is missing, unknown, of another type or contradicts others.
        """
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            raise DataError(f"Got facts that are no JSON: {error}.") from error
        facts: ModelFacts = read_as(cls, value, "facts")
        facts.validate()
        return facts

    def to_json(self) -> str:
        """Return the facts as JSON, once they have been checked.

        Returns
        -------
        text : str

        Raises
        ------
        DataError
            A ValueError: if facts contradict each other.
        """
        self.validate()
        return json.dumps(asdict(self), indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def validate(self) -> None:
        """Check that the facts can be true together.

        Raises
        ------
        DataError
            A ValueError: it names everything that cannot be.
        """
        problems = list(_problems(self))
        if problems:
            raise DataError(f"The facts of {self.name!r} contradict each other: {problems}.")


def _problems(facts: ModelFacts) -> Iterator[str]:
    for name in ("name", "summary", "architecture", "data", "protocol"):
        if not getattr(facts, name).strip():
            yield f"{name} is empty"
    for name in ("n_parameters", "multiply_adds", "file_size", "temperature"):
        if not 0 < getattr(facts, name) < math.inf:
            yield f"{name} is not positive"
    if facts.training.epochs < 1 or not 0 <= facts.training.minutes < math.inf:
        yield "training has no epochs, or no length"
    if set(facts.scores) != set(SCORED):
        yield f"scores are on {sorted(facts.scores)}, not on {sorted(SCORED)}"
    for name, scores in facts.scores.items():
        yield from (f"scores.{name}: {problem}" for problem in _problems_of(scores, facts.classes))
    if not set(facts.backends) <= set(BACKENDS):
        yield f"backends are {sorted(facts.backends)}, not among {sorted(BACKENDS)}"
    for name, agreement in facts.backends.items():
        if not (0 <= agreement.same_labels <= 1 and 0 <= agreement.max_difference <= 1):
            yield f"backends.{name}: not in [0, 1]"
    if any(not 0 < weight < math.inf for weight in facts.members.values()):
        yield "members have weights that are not positive"
    if facts.votes is not None:
        yield from (f"votes: {problem}" for problem in facts.votes.problems())


def _problems_of(scores: Scores, classes: list[str]) -> Iterator[str]:
    rows = list(scores.classes.values())
    if list(scores.classes) != classes or not rows:
        yield f"the classes are {list(scores.classes)}, not {classes}"
        return
    rates = [rate for row in rows for rate in (row.precision, row.recall, row.f1)]
    rates += [scores.accuracy, scores.macro_f1, scores.expected_calibration_error]
    if not all(0 <= rate <= 1 for rate in rates):
        yield "a rate is not in [0, 1]"
    if not 0 <= scores.log_loss < math.inf:
        yield "the log-loss is not finite"
    low, high = scores.accuracy_interval
    if not low <= scores.accuracy <= high:
        yield "the accuracy is outside its interval"
    if scores.n_images != sum(row.support for row in rows) or scores.n_images < 1:
        yield "n_images is not the sum of the supports"
        return
    right = sum(row.recall * row.support for row in rows) / scores.n_images
    if abs(right - scores.accuracy) > _ROUNDING:
        yield "the accuracy does not follow from the recalls"
    if abs(sum(row.f1 for row in rows) / len(rows) - scores.macro_f1) > _ROUNDING:
        yield "macro_f1 is not the mean of the classes' f1"
