"""The report of an audit."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral

from sklearn.utils import check_scalar

from ferclassifier._utils.wording import count
from ferclassifier.audit._image_audit import ImageAudit
from ferclassifier.report._audit_sections import audit_document
from ferclassifier.report._report import Head, Report, check_requirements, names_of_images


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
    names = names_of_images(image_names, audit.n_images)
    title = title or f"What is wrong with {count(audit.n_images, 'image')}"
    head = Head.now(title, data_name, audit.n_images)
    document = audit_document(audit, names=names, n_pictures=n_pictures, **head.texts)
    return Report(title, {**head.data, **audit.to_dict()}, document)
