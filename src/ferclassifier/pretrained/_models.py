"""The trained models that come with the package."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal, overload

from ferclassifier._files.released import (
    expected,
    facts_of,
    released_models,
    released_onnx,
    weights_of,
)
from ferclassifier._utils.wording import quoted
from ferclassifier.exceptions import UnknownModelError
from ferclassifier.pretrained._facts import ModelFacts

if TYPE_CHECKING:
    from ferclassifier._classifier import FERClassifier, FERVotingClassifier
    from ferclassifier.export import OnnxFERClassifier


def list_pretrained() -> list[str]:
    """Return the names of the trained models that come with the package, sorted.

    Returns
    -------
    names : list of str

    Examples
    --------
    >>> from ferclassifier import list_pretrained
    >>> "compact" in list_pretrained()
    True
    """
    return released_models()


@overload
def load_pretrained(
    name: str = "compact",
    *,
    runtime: Literal["keras"] = "keras",
    classes: Iterable[Any] | None = None,
) -> FERClassifier | FERVotingClassifier: ...


@overload
def load_pretrained(
    name: str = "compact", *, runtime: Literal["onnx"], classes: Iterable[Any] | None = None
) -> OnnxFERClassifier: ...


def load_pretrained(
    name: str = "compact",
    *,
    runtime: Literal["keras", "onnx"] = "keras",
    classes: Iterable[Any] | None = None,
) -> FERClassifier | FERVotingClassifier | OnnxFERClassifier:
    """Load a trained model that comes with the package.

    Nothing is downloaded, and loading runs no code of the file.

    Parameters
    ----------
    name : str, default="compact"
        One of :func:`list_pretrained`.
    runtime : {"keras", "onnx"}, default="keras"
        What computes. "onnx" answers at once, without TensorFlow, several times as fast, and cannot
        be fitted, explained by gradients or looked into; not all models have a file for it.
    classes : iterable of labels, default=None
        Some of the model's classes, two or more, in any order. The others are left out, and the
        probabilities are those given that it is one of these: ``classes=EMOTIONS`` takes contempt
        from "plus". None keeps all.

    Returns
    -------
    model : FERClassifier, FERVotingClassifier or OnnxFERClassifier
        Fitted on FER-2013; a new object in every call. Its classes are the names of the emotions,
        sorted, and it takes gray faces of 48 x 48 pixels, as bytes.

    Raises
    ------
    UnknownModelError
        A ValueError: if there is no model of that name, or none for that runtime.
    DataError
        A ValueError: if `classes` has a label that the model does not know, or one twice, or less
        than two.
    TypeError
        If `classes` is no iterable of labels.
    ValueError
        If there is no such runtime.

    See Also
    --------
    model_card : What the model is good for, and what it is not.

    Examples
    --------
    >>> from ferclassifier import load_pretrained, make_faces
    >>> clf = load_pretrained()
    >>> X, _ = make_faces(3, random_state=0)
    >>> clf.predict_proba(X).shape
    (3, 7)
    >>> load_pretrained("plus").classes_.tolist()
    ['angry', 'contempt', 'disgust', 'fear', 'happy', 'neutral', 'sad', 'surprise']
    >>> from ferclassifier import EMOTIONS
    >>> load_pretrained("plus", classes=EMOTIONS).predict_proba(X).shape
    (3, 7)
    """
    facts = model_facts(name)
    if runtime == "onnx":
        return _load_onnx(name, classes)
    if runtime != "keras":
        raise ValueError(f"Got runtime={quoted(runtime)}, but expected 'keras' or 'onnx'.")
    return _load_members(facts, classes) if facts.members else _load_file(name, classes)


def model_card(name: str) -> str:
    """Tell what a released model is, how well it does, and what it must not be used for.

    Parameters
    ----------
    name : str
        One of :func:`list_pretrained`.

    Returns
    -------
    card : str
        Markdown, with the sections that Mitchell et al. proposed [1]_; a notebook shows it as
        what it stands for.

    Raises
    ------
    UnknownModelError
        A ValueError: if there is no model of that name.

    References
    ----------
    .. [1] M. Mitchell et al., "Model Cards for Model Reporting", 2019, arXiv:1810.03993.

    Examples
    --------
    >>> from ferclassifier.pretrained import model_card
    >>> print(model_card("compact").splitlines()[0])
    # Model card: compact
    """
    from ferclassifier._utils.markdown import to_markdown
    from ferclassifier.pretrained._card import card_document

    return _Markdown(to_markdown(card_document(model_facts(name))))


class _Markdown(str):
    """Text that a notebook shows as what it stands for, and not as one line."""

    def _repr_markdown_(self) -> str:
        return str(self)


def model_facts(name: str) -> ModelFacts:
    """Return the facts that the card of a model tells.

    Parameters
    ----------
    name : str
        One of :func:`list_pretrained`.

    Returns
    -------
    facts : ModelFacts

    Raises
    ------
    UnknownModelError
        A ValueError: if there is no model of that name.
    """
    if name not in (names := released_models()):
        raise UnknownModelError(f"Got the name {name!r}, but expected {expected(name, names)}")
    return ModelFacts.from_json(facts_of(name))


def _load_onnx(name: str, classes: Iterable[Any] | None) -> OnnxFERClassifier:
    if name not in (names := released_onnx()):
        raise UnknownModelError(
            f"Got the name {name!r}, of which no ONNX file came with the package, but of {names}. "
            f"export_onnx(load_pretrained({name!r}), path) writes one."
        )
    from ferclassifier._files.fewer_classes import places_of
    from ferclassifier.export import OnnxFERClassifier

    clf = OnnxFERClassifier(name)
    if classes is not None:
        clf.set_params(classes=clf.classes_[places_of(classes, clf.classes_)].tolist())
    return clf


def _load_file(name: str, classes: Iterable[Any] | None) -> FERClassifier:
    from ferclassifier._classifier import FERClassifier
    from ferclassifier._files.fewer_classes import with_some_classes
    from ferclassifier._files.saved_model import read_model

    with weights_of(name) as path:
        if classes is None:
            return FERClassifier.load(path)
        return FERClassifier._from_saved(with_some_classes(read_model(path), classes))


def _load_members(facts: ModelFacts, classes: Iterable[Any] | None) -> FERVotingClassifier:
    from ferclassifier._classifier import FERVotingClassifier

    if isinstance(classes, Iterator):  # each member asks for them
        classes = [*classes]
    members = [(name, _load_file(name, classes)) for name in facts.members]
    for _, member in members:  # a released model may look at fewer views where it stands alone
        member.set_params(test_time_augmentation=facts.test_time_augmentation)
    ensemble = FERVotingClassifier.from_fitted(members, weights=list(facts.members.values()))
    ensemble.temperature_ = facts.temperature
    return ensemble
