"""The report of a classifier's scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_consistent_length, check_scalar

from ferclassifier._classifier.training_images import released_name, training_images_of
from ferclassifier._utils.sklearn_compat import safe_indexing
from ferclassifier._utils.wording import count
from ferclassifier.exceptions import DataError
from ferclassifier.images._source_kinds import path_of
from ferclassifier.images._sources import sources_in
from ferclassifier.inspection._class_names import class_names
from ferclassifier.inspection._pictures import read_once, shape_known_to
from ferclassifier.inspection._pipelines import split_pipeline
from ferclassifier.inspection._predictions import check_classifier, predicted_probabilities
from ferclassifier.metrics import EmotionReport
from ferclassifier.metrics._class_codes import codes_of
from ferclassifier.metrics._emotion_report import report_beside
from ferclassifier.metrics._image_groups import ImageGroups
from ferclassifier.metrics._label_column import label_column
from ferclassifier.metrics._labelled_probabilities import check_weights
from ferclassifier.metrics._rater_votes import RaterVotes
from ferclassifier.report._disputed import Disputed, find_disputed
from ferclassifier.report._evaluation_sections import Evaluation, evaluation_document
from ferclassifier.report._mistakes import find_mistakes
from ferclassifier.report._model import model_card
from ferclassifier.report._report import Head, Report, check_requirements, names_of_images


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

    Examples
    --------
    >>> from ferclassifier import load_pretrained, make_faces
    >>> from ferclassifier.report import evaluation_report
    >>> X, y = make_faces(30, random_state=0)
    >>> clf = load_pretrained("tiny", runtime="onnx")
    >>> report = evaluation_report(clf, X, y, saliency=None)
    >>> report.scores.n_images
    30
    """

    scores: EmotionReport = field(repr=False)


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
    votes: ArrayLike | None = None,
    vote_names: ArrayLike | None = None,
    n_disputed: int = 24,
    groups: ArrayLike | None = None,
    image_names: Iterable[object] | None = None,
    model_name: str | None = None,
    title: str | None = None,
    data_name: str | None = None,
) -> EvaluationReport:
    """Score a classifier of faces, and show where it fails.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier with `predict_proba`, or a pipeline or a search around one.
    X : array-like of shape (n, height, width), (n, height, width, channels) or (n, pixels)
        The images, as the estimator takes them; or array-like of shape (n,) or (n, 1), what
        :func:`~ferclassifier.images.read_image` takes.
    y : array-like of shape (n,)
        Their labels.
    display_labels : array-like of shape (n_classes,), default=None
        What to call the classes, in the order of ``estimator.classes_``, such as
        ``ferclassifier.EMOTIONS`` where `estimator` was fitted on the codes of FER-2013. None calls
        them by their labels.
    sample_weight : array-like of shape (n,), >= 0, default=None
        How many images each one stands for in the scores, see
        :func:`ferclassifier.metrics.emotion_report`. Images of weight 0 are left out.
    train_images : array-like, default=None
        The images that the classifier was trained on, in any form: the scores are given again
        without those of `X` that appear among them. The images that a released model was trained
        on are known, and need not be given.
    image_shape : sequence of (height, width) or (height, width, channels), default=None
        How rows become pictures, and the size at which files are shown; None takes the shape that
        the classifier was fitted on, if it tells, and squares otherwise.
    saliency : {"auto", "gradcam", "gradient", "occlusion"} or None, default="auto"
        How the mistakes are explained, see :func:`ferclassifier.inspection.saliency`.
    n_mistakes : int, default=24
        How many of the mistakes to show at most, the most confident first.
    votes : array-like of shape (n, n_answers), >= 0, default=None
        What several raters said of each image, as :func:`ferclassifier.metrics.emotion_report`
        takes it. The report then tells how the model agrees with them, and shows faces on which
        they disagree.
    vote_names : array-like of shape (n_answers,), default=None
        What the columns of `votes` stand for; classes are called as in `display_labels`.
    n_disputed : int, default=24
        How many of the faces on which raters disagree to show at most, the most disputed first.
    groups : array-like of shape (n,), default=None
        The group of each image, such as an age, as :func:`ferclassifier.metrics.emotion_report`
        takes it. The report then has the scores of each group, and the largest gaps.
    image_names : iterable of n values, default=None
        What to call each image. None calls it by its file, or else by its position.
    model_name : str, default=None
        What to call the model, such as the name of its file. None calls a released model by its
        name, and others by their class.
    title : str, default=None
        Heading of the report; None makes it of the name of the model and the number of faces.
    data_name : str, default=None
        What to call the images, such as "FER-2013, PublicTest".

    Returns
    -------
    report : EvaluationReport

    Raises
    ------
    ValueError
        If the estimator predicts no probabilities, labels are not among its classes, there are not
        as many labels or names as images or classes, or `votes` are none.
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
    >>> from ferclassifier import make_faces
    >>> from ferclassifier.report import evaluation_report
    >>> X, y = make_faces(200, n_classes=3, random_state=0)
    >>> rows = X.reshape(200, -1) / 255
    >>> clf = LogisticRegression(C=0.01).fit(rows[:100], y[:100])
    >>> report = evaluation_report(clf, rows[100:], y[100:])
    >>> report.save("report.html")  # doctest: +SKIP
    >>> sorted(report.data["scores"]["classes"])
    ['angry', 'disgust', 'fear']
    """
    check_requirements()
    check_scalar(n_mistakes, "n_mistakes", Integral, min_val=0)
    check_scalar(n_disputed, "n_disputed", Integral, min_val=0)
    labels = label_column(y)
    called = names_of_images(image_names, len(labels))
    if called is None and (sources := sources_in(X)) is not None:
        paths = [path for source in sources if (path := path_of(source)) is not None]
        called = paths if len(paths) == len(sources) else None
    n_given, positions = len(labels), np.arange(len(labels))
    if sample_weight is not None:
        check_consistent_length(X, labels, sample_weight)
        weights = check_weights(sample_weight, labels)
        positions = np.flatnonzero(weights)
        X, labels, sample_weight = (
            safe_indexing(X, positions),
            labels[positions],
            weights[positions],
        )
    check_classifier(estimator)
    behind, images = read_once(estimator, X)
    proba, classes = predicted_probabilities(behind, images)
    if len(labels) != len(proba):
        raise DataError(f"Got {len(labels)} labels y for {count(len(proba), 'image')}.")
    names = class_names(classes, display_labels)
    codes = codes_of(labels, classes, name="y")
    called_classes = np.array(names)
    raters = None
    if votes is not None:
        named = np.full(n_given, "", dtype=called_classes.dtype)
        named[positions] = called_classes[codes]
        raters = RaterVotes.of(votes, vote_names, named, called_classes, positions)
    elif vote_names is not None:
        raise DataError("Got vote_names without votes. Give both, or neither.")
    known_groups = None if groups is None else ImageGroups.of(groups, n_given, positions)
    _, classifier = split_pipeline(estimator)
    scores = report_beside(
        called_classes[codes],
        proba,
        classes=names,
        sample_weight=sample_weight,
        images=images,
        train_images=train_images,
        known=training_images_of(classifier),
        votes=raters,
        groups=known_groups,
    )
    if image_shape is None:
        shown, shape = (behind, images), shape_known_to(estimator)
    else:  # pictures of a size of their own are read for themselves
        shown, shape = (estimator, X), tuple(image_shape)
    mistakes, method = find_mistakes(
        *shown,
        codes,
        proba,
        names=names,
        n=n_mistakes,
        method=saliency,
        image_shape=shape,
        positions=positions,
        image_names=called,
    )
    disputed: list[Disputed] = []
    if raters is not None:
        disputed = find_disputed(
            *shown,
            raters,
            proba,
            names=names,
            n=n_disputed,
            image_shape=shape,
            positions=positions,
            image_names=called,
        )
    evaluation = Evaluation(
        scores=scores,
        predicted=scores.confusion_matrix.sum(axis=0),
        mistakes=mistakes,
        saliency=method,
        history=_history_of(classifier),
        best_epoch=getattr(classifier, "best_epoch_", None),
        card=model_card(estimator),
        disputed=disputed,
    )
    # Weights that are no whole numbers say how much the images count, not how many there are.
    n_faces = scores.n_images if isinstance(scores.n_images, int) else len(codes)
    model_name = model_name or released_name(classifier) or type(classifier).__name__
    title = title or f"How {model_name} recognises {count(n_faces, 'face')}"
    head = Head.now(title, data_name, n_faces)
    document = evaluation_document(evaluation, **head.texts)
    data = {**head.data, **evaluation.to_dict()}
    return EvaluationReport(title, data, document, scores=scores)


def _history_of(classifier: Any) -> dict[str, list[float]] | None:
    """Return the course of a training, where it is kept as FERClassifier does."""
    history = getattr(classifier, "history_", None)
    if not isinstance(history, Mapping) or "loss" not in history:
        return None
    return {str(name): [float(value) for value in values] for name, values in history.items()}
