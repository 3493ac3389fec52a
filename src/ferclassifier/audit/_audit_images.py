"""Faults in a data set of faces: what appears twice, what shows nothing, what is labelled wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike

from ferclassifier.audit._audited import Audited, check_audited
from ferclassifier.audit._class_balance import class_balance, find_missing_and_rare
from ferclassifier.audit._image_audit import ImageAudit
from ferclassifier.audit._image_faults import (
    LIGHT_OUTLIERS,
    find_constant,
    find_light_outliers,
    light_of,
    why_light_is_not_compared,
)
from ferclassifier.audit._label_errors import (
    CannotCheckError,
    check_source,
    find_label_errors,
    leave_out_copies,
    predict_unseen,
)
from ferclassifier.audit._likeness import RepeatedImages
from ferclassifier.audit._non_faces import find_non_faces, why_not_checked
from ferclassifier.audit._repeated_images import find_repeated
from ferclassifier.metrics._columns import named_columns


def audit_images(
    X: ArrayLike,
    y: ArrayLike | None = None,
    *,
    groups: ArrayLike | None = None,
    train_group: Any = None,
    classes: ArrayLike | None = None,
    y_proba: ArrayLike | None = None,
    estimator: Any = None,
    cv: Any = 5,
    image_shape: Sequence[int] | None = None,
) -> ImageAudit:
    """Look for faults in a data set of faces.

    Found are images that appear twice, within a group or in several, exactly or nearly; copies
    under different labels; images that show nothing, too little light, or no face; classes that
    are missing or rare; and, where probabilities can be had, labels that are probably wrong.

    Parameters
    ----------
    X : array-like of shape (n, pixels), (n, height, width) or (n, height, width, channels)
        The images, bytes or floats; or array-like of shape (n,), what
        :func:`~ferclassifier.images.read_image` takes.
    y : array-like of shape (n,), default=None
        The labels.
    groups : array-like of shape (n,), default=None
        The part of the data set that each image belongs to, such as the `usage` that
        :func:`~ferclassifier.load_fer2013` returns. None takes all for one part.
    train_group : object, default=None
        The group that models are fitted on. None takes the one whose name begins with "train", or
        else the largest.
    classes : array-like of shape (n_classes,), default=None
        All labels that there could be, in the order of the columns of `y_proba`. None takes the
        names of its columns if it is a DataFrame, or else the labels of `y`, sorted; with `y_proba`
        not codes that may be counted in another order.
    y_proba : array-like of shape (n, n_classes), in [0, 1], default=None
        Probabilities of the classes, **from models that saw neither the image nor a copy of it in
        their training**: to a model that did, its label seems right. Rows sum to 1 within 1e-3. A
        row of NaN is an image whose label is not to be checked, such as the training images of the
        model, and neither are the labels of its copies and near duplicates.
    estimator : estimator, default=None
        A classifier with `predict_proba`, fitted anew on all folds but one to get such
        probabilities. It is fitted on `X` as given, all groups together; copies and near
        duplicates of an image are kept in its fold.
    cv : int, cross-validation generator or iterable, default=5
        The folds for `estimator`. A number divides stratified by label; a generator gets the
        duplicates as its groups, and warns where it cannot heed them.
    image_shape : sequence of (height, width) or (height, width, channels), default=None
        How rows become images, and the size to which images are decoded; a square for rows and
        48 x 48 gray for the others, unless given.

    Returns
    -------
    audit : ImageAudit
        The findings, with suggested weights. It shares the memory of `X` where `X` has bytes.

    Raises
    ------
    ImageError
        If `X` is no batch of images, is empty, holds NaN or infinity, or one cannot be decoded.
    DataError
        If labels, groups or probabilities do not fit the images or each other.
    ValueError
        If `estimator` has no `predict_proba`.
    ImportError
        If labels are to be checked and cleanlab is not installed.

    Notes
    -----
    Labels are checked with `y_proba` or `estimator` alone. Non-faces are looked for among 100
    images or more, most of which must be faces: what is unlike the mean of them is taken for none.
    It takes 30 images to tell which are far darker, brighter or fainter than the others.

    Near duplicates may form chains, the ends of which are quite unlike. The images of a set are
    therefore all near to one of it, labels contradict each other where two images are near, and a
    training image is left out if it is near to one of another group itself. Only `same_image`, by
    which images are divided into folds, keeps chains together.

    Weights and `keep` concern the training group alone: scores on other groups can be compared
    only if nobody changes them.

    References
    ----------
    Northcutt, Jiang and Chuang, "Confident learning: estimating uncertainty in dataset labels",
    Journal of Artificial Intelligence Research 70, 2021, for the wrong labels.

    Examples
    --------
    >>> from ferclassifier import make_faces
    >>> from ferclassifier.audit import audit_images
    >>> X, y = make_faces(60, random_state=0)
    >>> X[50] = X[3]
    >>> groups = ["train"] * 40 + ["test"] * 20
    >>> audit = audit_images(X, y, groups=groups)
    >>> audit["across-groups"].groups
    [array([ 3, 50])]
    >>> audit.keep[[3, 50]]
    array([False,  True])
    """
    if classes is None and y_proba is not None:
        classes = named_columns(y_proba)
    audited = check_audited(
        X, y, groups, classes=classes, train_group=train_group, image_shape=image_shape
    )
    probabilities = check_source(y_proba, estimator, audited, classes)
    light = light_of(audited.gray)
    repeated = RepeatedImages(audited, light.is_visible)
    balance = class_balance(audited)
    findings = [*find_repeated(audited, repeated), *find_constant(audited, light)]
    skipped = _for_lack_of(audited)
    reason = why_not_checked(audited, light.is_visible)
    if reason is None:
        findings.append(find_non_faces(audited, light.is_visible))
    else:
        skipped["non-faces"] = reason
    reason = why_light_is_not_compared(light)
    if reason is None:
        findings += find_light_outliers(light)
    else:
        skipped |= dict.fromkeys(LIGHT_OUTLIERS, reason)
    if balance is not None:
        findings += find_missing_and_rare(audited, balance)
    try:
        if probabilities is None:
            probabilities = predict_unseen(estimator, X, audited, repeated.chain, cv)
        else:
            probabilities = leave_out_copies(probabilities, repeated)
        findings.append(find_label_errors(audited, probabilities, light.is_visible))
    except CannotCheckError as error:
        skipped["label-errors"] = str(error)
    return ImageAudit(audited, findings, skipped, balance, repeated.chain)


def _for_lack_of(audited: Audited) -> dict[str, str]:
    """Say which checks need labels or groups that were not given."""
    skipped = {}
    if (reason := audited.why_no_comparison) is not None:
        for kind in ("across-groups", "near-across-groups"):
            skipped[kind] = reason
    if audited.y is None:
        for kind in ("conflicting-labels", "missing-classes", "rare-classes"):
            skipped[kind] = "no labels were given"
    return skipped
