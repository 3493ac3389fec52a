"""Reports: what a classifier scores, or what is wrong with images, as one page.

Each is a single HTML file that needs no network, or the same as Markdown or JSON.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_consistent_length, check_scalar, column_or_1d

from ferclassifier._files.writing import replacing
from ferclassifier._report.audit import audit_document
from ferclassifier._report.document import Document
from ferclassifier._report.evaluation import Evaluation, evaluation_document
from ferclassifier._report.html import to_html
from ferclassifier._report.markdown import to_markdown
from ferclassifier._report.mistakes import find_mistakes
from ferclassifier._report.model_card import model_card
from ferclassifier._utils.extras import import_extra
from ferclassifier._utils.printable import as_json, printable
from ferclassifier._utils.sklearn_compat import safe_indexing
from ferclassifier._utils.wording import count
from ferclassifier._version import __version__
from ferclassifier.audit._image_audit import ImageAudit
from ferclassifier.exceptions import DataError
from ferclassifier.inspection._class_names import class_names
from ferclassifier.inspection._pictures import decoded
from ferclassifier.inspection._pipelines import split_pipeline
from ferclassifier.inspection._predictions import predicted_probabilities
from ferclassifier.metrics import EmotionReport, emotion_report
from ferclassifier.metrics._class_codes import codes_of
from ferclassifier.metrics._labelled_probabilities import check_weights

if TYPE_CHECKING:
    from os import PathLike

_FOOTER = f"Written by ferclassifier {__version__}."
SUFFIXES = (".html", ".md", ".json")


@dataclass(frozen=True, eq=False)
class Report:
    """A report that can be shown and saved.

    Attributes
    ----------
    title : str
    data : dict
        All of its numbers, in what JSON can hold.

    Methods
    -------
    to_html, to_markdown, to_json
        The report as text.
    save
        Write the report to a file.
    """

    title: str
    data: dict[str, Any]
    _document: Document = field(repr=False)

    def to_html(self) -> str:
        """Return a page that needs nothing beside it, readable on a phone, in the dark, in print.

        Returns
        -------
        html : str
        """
        return to_html(self._document)

    def to_markdown(self) -> str:
        """Return the words and tables of the page, without its pictures.

        Returns
        -------
        markdown : str
        """
        return to_markdown(self._document)

    def to_json(self) -> str:
        """Return the numbers behind the page.

        Returns
        -------
        json : str
        """
        return as_json(self.data) + "\n"

    def save(self, path: str | PathLike[str]) -> None:
        """Write the report to a file, whole or not at all.

        Parameters
        ----------
        path : str or PathLike
            The ending decides: ".html", ".md" or ".json". A file of that name, or one that a link
            of that name leads to, is replaced, and passes on its mode.

        Raises
        ------
        ValueError
            If the name has another ending.
        OSError
            If nothing can be written there.
        """
        path = Path(path)
        check_report_name(path)
        write = {".html": self.to_html, ".md": self.to_markdown, ".json": self.to_json}
        text = write[path.suffix.lower()]()
        with replacing(path) as file:
            file.write(text.encode())

    def _repr_html_(self) -> str:
        """Show the page inside a notebook, apart from the notebook's own styles."""
        title = html.escape(printable(self.title))
        return (
            f'<iframe srcdoc="{html.escape(self.to_html())}" title="{title}" '
            'style="width: 100%; height: 45rem; border: 0"></iframe>'
        )


@dataclass(frozen=True, eq=False)
class EvaluationReport(Report):
    """The report of a classifier's scores.

    Attributes
    ----------
    title : str
    data : dict
        All of its numbers, in what JSON can hold.
    scores : EmotionReport
        See :func:`ferclassifier.metrics.emotion_report`.
    """

    scores: EmotionReport = field(repr=False)


def check_requirements() -> None:
    """Raise an error if what draws and writes reports is not installed.

    Raises
    ------
    ImportError
        It says how to install it.
    """
    for module in ("jinja2", "matplotlib"):
        import_extra(module, "report")


def check_report_name(path: Path) -> None:
    """Raise an error if the name of a file does not say what is to be written into it."""
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(
            f"Got {str(path)!r} as the name of a report, but expected one that ends in "
            f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}."
        )


def evaluation_report(
    estimator: Any,
    X: ArrayLike,
    y: ArrayLike,
    *,
    display_labels: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    train_images: ArrayLike | None = None,
    image_shape: Sequence[int] | None = None,
    saliency: Literal["auto", "gradcam", "gradient", "occlusion"] | None = "auto",
    n_mistakes: int = 24,
    image_names: Iterable[object] | None = None,
    title: str | None = None,
    data_name: str | None = None,
) -> EvaluationReport:
    """Score a classifier of faces, and show where it fails.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier with `predict_proba`, or a pipeline or a search around one.
    X : array-like of shape (n, height, width), (n, height, width, channels) or (n, pixels)
        The images, as the estimator takes them; or array-like of shape (n,) or (n, 1), the paths
        of their files.
    y : array-like of shape (n,)
        Their labels.
    display_labels : array-like of shape (n_classes,), default=None
        What to call the classes, in the order of ``estimator.classes_``, such as
        ``ferclassifier.EMOTIONS`` for the codes of FER-2013. None calls them by their labels.
    sample_weight : array-like of shape (n,), >= 0, default=None
        How many images each one stands for in the scores, see
        :func:`ferclassifier.metrics.emotion_report`. Images of weight 0 are left out.
    train_images : array-like, default=None
        The images that the classifier was trained on, in any form: the scores are given again
        without those of `X` that appear among them.
    image_shape : sequence of (height, width) or (height, width, channels), default=None
        How rows become pictures, and the size at which files are shown; None takes the shape that
        the classifier was fitted on, if it tells, and squares otherwise.
    saliency : {"auto", "gradcam", "gradient", "occlusion"} or None, default="auto"
        How the mistakes are explained, see :func:`ferclassifier.inspection.saliency`.
    n_mistakes : int, default=24
        How many of the mistakes to show at most, the most confident first.
    image_names : iterable of n values, default=None
        What to call each image. None calls it by its file, or else by its position.
    title : str, default=None
        Heading of the report.
    data_name : str, default=None
        What to call the images, such as "FER-2013, PublicTest".

    Returns
    -------
    report : EvaluationReport

    Raises
    ------
    ValueError
        If the estimator predicts no probabilities, labels are not among its classes, or there are
        not as many labels or names as images or classes.
    ImageError
        A ValueError: if the images differ from the training images in size, channels or scale.
    ImportError
        If Matplotlib or Jinja is not installed; the message says how to install them.

    See Also
    --------
    ferclassifier.metrics.emotion_report : The scores alone.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from ferclassifier import EMOTIONS, make_faces
    >>> from ferclassifier.report import evaluation_report
    >>> X, y = make_faces(200, n_classes=3, random_state=0)
    >>> rows = X.reshape(200, -1) / 255
    >>> clf = LogisticRegression().fit(rows[:100], y[:100])
    >>> report = evaluation_report(clf, rows[100:], y[100:], display_labels=EMOTIONS[:3])
    >>> report.save("report.html")  # doctest: +SKIP
    >>> sorted(report.data["scores"]["classes"])
    ['angry', 'disgust', 'fear']
    """
    check_requirements()
    check_scalar(n_mistakes, "n_mistakes", Integral, min_val=0)
    labels = column_or_1d(y)
    names_of_images = _names_of_images(image_names, len(labels))
    positions = np.arange(len(labels))
    if sample_weight is not None:
        check_consistent_length(X, labels, sample_weight)
        weights = check_weights(sample_weight, labels)
        positions = np.flatnonzero(weights)
        X, labels, sample_weight = (
            safe_indexing(X, positions),
            labels[positions],
            weights[positions],
        )
    proba, classes = predicted_probabilities(estimator, X)
    if len(labels) != len(proba):
        raise DataError(f"Got {len(labels)} labels y for {count(len(proba), 'image')}.")
    names = class_names(classes, display_labels)
    codes = codes_of(labels, classes, name="y")
    scores = emotion_report(
        np.array(names)[codes],
        proba,
        classes=names,
        sample_weight=sample_weight,
        images=None if train_images is None else decoded(estimator, X),
        train_images=train_images,
    )
    mistakes, method = find_mistakes(
        estimator,
        X,
        codes,
        proba,
        names=names,
        n=n_mistakes,
        method=saliency,
        image_shape=image_shape,
        positions=positions,
        image_names=names_of_images,
    )
    _, classifier = split_pipeline(estimator)
    evaluation = Evaluation(
        scores=scores,
        predicted=scores.confusion_matrix.sum(axis=0),
        mistakes=mistakes,
        saliency=method,
        history=_history_of(classifier),
        best_epoch=getattr(classifier, "best_epoch_", None),
        card=model_card(estimator),
    )
    # Weights that are no whole numbers say how much the images count, not how many there are.
    n_faces = scores.n_images if isinstance(scores.n_images, int) else len(codes)
    title = title or f"How {type(classifier).__name__} recognises {count(n_faces, 'face')}"
    head = _Head.now(title, data_name, n_faces)
    document = evaluation_document(evaluation, **head.texts)
    data = {**head.data, **evaluation.to_dict()}
    return EvaluationReport(title, data, document, scores=scores)


def audit_report(
    audit: ImageAudit,
    *,
    image_names: Iterable[object] | None = None,
    n_pictures: int = 24,
    title: str | None = None,
    data_name: str | None = None,
) -> Report:
    """Show what an audit found.

    Parameters
    ----------
    audit : ImageAudit
        What :func:`ferclassifier.audit.audit_images` returned.
    image_names : iterable of n values, default=None
        What to call each image, such as the name of its file. None calls it by its group and its
        position.
    n_pictures : int, default=24
        How many pictures of each finding to show, about.
    title : str, default=None
        Heading of the report.
    data_name : str, default=None
        What to call the images, such as "FER-2013".

    Returns
    -------
    report : Report

    Raises
    ------
    TypeError
        If `audit` is none.
    ValueError
        If there are not as many names as images.
    ImportError
        If Matplotlib or Jinja is not installed; the message says how to install them.

    Examples
    --------
    >>> from ferclassifier import make_faces
    >>> from ferclassifier.audit import audit_images
    >>> from ferclassifier.report import audit_report
    >>> X, y = make_faces(50, random_state=0)
    >>> X[7] = X[3]
    >>> report = audit_report(audit_images(X, y))
    >>> report.save("audit.html")  # doctest: +SKIP
    """
    if not isinstance(audit, ImageAudit):
        raise TypeError(f"Got {type(audit).__name__}, but expected what audit_images returns.")
    check_requirements()
    check_scalar(n_pictures, "n_pictures", Integral, min_val=0)
    names = _names_of_images(image_names, audit.n_images)
    title = title or f"What is wrong with {count(audit.n_images, 'image')}"
    head = _Head.now(title, data_name, audit.n_images)
    document = audit_document(audit, names=names, n_pictures=n_pictures, **head.texts)
    return Report(title, {**head.data, **audit.to_dict()}, document)


@dataclass(frozen=True)
class _Head:
    """What stands above and below a report."""

    title: str
    data_name: str | None
    n_images: int
    created: str

    @classmethod
    def now(cls, title: str, data_name: str | None, n_images: int) -> _Head:
        return cls(title, data_name, n_images, datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"))

    @property
    def texts(self) -> dict[str, str]:
        parts = [self.data_name, count(self.n_images, "image"), self.created]
        subtitle = ", ".join(part for part in parts if part)
        return {"title": self.title, "subtitle": subtitle, "footer": _FOOTER}

    @property
    def data(self) -> dict[str, Any]:
        return {"title": self.title, "data": self.data_name, "created": self.created}


def _names_of_images(names: Iterable[object] | None, n_images: int) -> list[str] | None:
    if names is None:
        return None
    texts = [str(name) for name in names]
    if len(texts) != n_images:
        raise DataError(
            f"Got {len(texts)} image_names, but expected one for each of the "
            f"{count(n_images, 'image')}."
        )
    return texts


def _history_of(classifier: Any) -> dict[str, list[float]] | None:
    """Return the course of a training, where it is kept as FERClassifier does."""
    history = getattr(classifier, "history_", None)
    if not isinstance(history, Mapping) or "loss" not in history:
        return None
    return {str(name): [float(value) for value in values] for name, values in history.items()}
