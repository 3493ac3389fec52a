"""The trained models that come with the package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

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
    name: str = "compact", *, runtime: Literal["keras"] = "keras"
) -> FERClassifier | FERVotingClassifier: ...


@overload
def load_pretrained(name: str = "compact", *, runtime: Literal["onnx"]) -> OnnxFERClassifier: ...


def load_pretrained(
    name: str = "compact", *, runtime: Literal["keras", "onnx"] = "keras"
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

    Returns
    -------
    model : FERClassifier, FERVotingClassifier or OnnxFERClassifier
        Fitted on FER-2013; a new object in every call. Its classes are the names of the emotions,
        and it takes gray faces of 48 x 48 pixels, as bytes.

    Raises
    ------
    UnknownModelError
        A ValueError: if there is no model of that name, or none for that runtime.
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
    """
    facts = model_facts(name)
    if runtime == "onnx":
        return _load_onnx(name)
    if runtime != "keras":
        raise ValueError(f"Got runtime={quoted(runtime)}, but expected 'keras' or 'onnx'.")
    return _load_members(facts) if facts.members else _load_file(name)


def model_card(name: str) -> str:
    """Tell what a released model is, how well it does, and what it must not be used for.

    Parameters
    ----------
    name : str
        One of :func:`list_pretrained`.

    Returns
    -------
    card : str
        Markdown, with the sections that Mitchell et al. proposed [1]_.

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

    return to_markdown(card_document(model_facts(name)))


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


def _load_onnx(name: str) -> OnnxFERClassifier:
    if name not in (names := released_onnx()):
        raise UnknownModelError(
            f"Got the name {name!r}, of which no ONNX file came with the package, but of {names}. "
            f"export_onnx(load_pretrained({name!r}), path) writes one."
        )
    from ferclassifier.export import OnnxFERClassifier

    return OnnxFERClassifier(name)


def _load_file(name: str) -> FERClassifier:
    from ferclassifier._classifier import FERClassifier

    with weights_of(name) as path:
        return FERClassifier.load(path)


def _load_members(facts: ModelFacts) -> FERVotingClassifier:
    from ferclassifier._classifier import FERVotingClassifier

    members = [(name, _load_file(name)) for name in facts.members]
    for _, member in members:  # a released model may look at fewer views where it stands alone
        member.set_params(test_time_augmentation=facts.test_time_augmentation)
    ensemble = FERVotingClassifier.from_fitted(members, weights=list(facts.members.values()))
    ensemble.temperature_ = facts.temperature
    return ensemble
