"""A search that a TOML file describes: read it, check it, make it, rank what it found."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sklearn.metrics import get_scorer_names
from sklearn.model_selection import GridSearchCV, ParameterGrid

from ferclassifier._classifier import FERClassifier
from ferclassifier._classifier.candidates import check_network
from ferclassifier._cli.search_checkpoint import RememberedFit, RememberedScore
from ferclassifier._cli.search_parameters import OF_NETWORKS, PARAMETERS, REFUSED, read_value
from ferclassifier._utils.printable import printable
from ferclassifier._utils.wording import in_words, quoted, shortened
from ferclassifier.exceptions import ArchitectureError, DataError

_TABLES = ("fixed", "search", "space")
_METHODS = ("grid", "halving")

# What people write has some hundred bytes; more candidates or folds than images are a mistake.
_LARGEST_FILE = 2**20
_LARGEST_NUMBER = 10**6
_MOST_COMBINATIONS = 10_000
# Python's reader takes a time, and memory, that grow with the square of the parts of a key.
_LONG_KEY = re.compile(r"(?:\.[^.,=\n]+){50}")
_LONGEST_REASON = 160
_LONGEST_NAME = 80


@dataclass(frozen=True)
class SearchPlan:
    """What a space file says.

    Attributes
    ----------
    path : Path
        The file.
    space : dict of str to list
        The values to be tried of each parameter of FERClassifier, in every combination.
    fixed : dict
        The parameters that all candidates share.
    method : {"grid", "halving"}
        Fit every candidate in full, or all of them for few epochs and the better ones for more.
    cv : int
        Number of folds.
    scoring : str
        A name of :func:`sklearn.metrics.get_scorer_names`.
    factor : int
        Halving keeps one of so many candidates, for so many times as many epochs.
    """

    path: Path
    space: dict[str, list[Any]]
    fixed: dict[str, Any] = field(default_factory=dict)
    method: str = "grid"
    cv: int = 3
    scoring: str = "accuracy"
    factor: int = 3

    @property
    def n_candidates(self) -> int:
        """Number of combinations."""
        return math.prod(len(values) for values in self.space.values())

    @property
    def varied(self) -> list[str]:
        """Names of the parameters in which the candidates differ."""
        return [*self.space, *(["epochs"] if self.method == "halving" else [])]

    def check_architectures(self) -> None:
        """Refuse candidates of which no network can be made; this imports Keras.

        Raises
        ------
        DataError
            If there is such a candidate.
        """
        clf = FERClassifier(**self.fixed)
        names = OF_NETWORKS & set(self.space)
        for params in ParameterGrid({name: self.space[name] for name in names}):
            clf.set_params(**params)
            try:
                check_network(clf)
            except ArchitectureError as error:
                source = "architecture_params" if clf.initial_weights is None else "initial_weights"
                raise DataError(f"{self.path}: {source}: {error}") from error

    def make_search(self, checkpoint: Path | None = None) -> Any:
        """Return the search, unfitted; it does not fit the best candidate again.

        Parameters
        ----------
        checkpoint : Path or None, default=None
            The file of which each score is taken that stands there, and to which others are added.

        Returns
        -------
        search : GridSearchCV or HalvingGridSearchCV
        """
        clf: FERClassifier = FERClassifier(**self.fixed)
        scoring: str | RememberedScore = self.scoring
        if checkpoint is not None:
            clf = RememberedFit(**self.fixed, checkpoint=checkpoint)
            scoring = RememberedScore(self.scoring)
        settings = {"cv": self.cv, "scoring": scoring, "refit": False}
        if self.method == "grid":
            # All fits are handed over at once, so that joblib says of how many it is.
            return GridSearchCV(clf, self.space, **settings, pre_dispatch="all")
        from sklearn.experimental import enable_halving_search_cv  # noqa: F401
        from sklearn.model_selection import HalvingGridSearchCV

        return HalvingGridSearchCV(
            clf,
            self.space,
            **settings,
            factor=self.factor,
            resource="epochs",
            max_resources=clf.epochs,
        )

    def make_best(self, candidates: Sequence[Mapping[str, Any]]) -> FERClassifier:
        """Return a classifier, unfitted, with the parameters of the first of some candidates.

        Parameters
        ----------
        candidates : list of dict
            What :func:`rank_candidates` returns.
        """
        return FERClassifier(**{**self.fixed, **candidates[0]["params"]}, verbose=1)


def read_plan(path: Path) -> SearchPlan:
    """Read a space file.

    Parameters
    ----------
    path : Path
        A TOML file with the table ``[space]`` and, if need be, ``[fixed]`` and ``[search]``. The
        string "none" stands for None where a parameter may be None.

    Returns
    -------
    plan : SearchPlan

    Raises
    ------
    DataError
        If the file is no TOML, or a name or a value in it is not what was expected. The message
        names the file, the table and the key.
    OSError
        If the file cannot be read.
    """
    try:
        return _plan_of(path, _tables_in(path))
    except ValueError as error:
        raise DataError(f"{path}: {error}") from error


def _tables_in(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        content = file.read(_LARGEST_FILE + 1)
    if len(content) > _LARGEST_FILE:
        raise ValueError(f"Got more than {_LARGEST_FILE:,} bytes, but expected some lines of TOML.")
    try:
        text = content.decode()
        if _LONG_KEY.search(text):
            raise ValueError("a key has more than 50 parts")
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("Got values that are nested too deeply.") from None
    except ValueError as error:
        reason = shortened(str(error), _LONGEST_REASON)
        raise ValueError(f"Got a file that is no TOML: {reason}.") from error


def _plan_of(path: Path, tables: Mapping[str, Any]) -> SearchPlan:
    _check_names("the table", tables, _TABLES)
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise ValueError(f"Got {name} = {quoted(table)}, but expected a table [{name}].")
    plan = SearchPlan(
        path,
        space=_read_space(tables.get("space", {})),
        fixed=_read_fixed(tables.get("fixed", {})),
        **_read_settings(tables.get("search", {})),
    )
    if both := sorted(set(plan.fixed) & set(plan.space)):
        raise ValueError(
            f"Got {both[0]} in [fixed] and in [space], but expected it in one of them."
        )
    if plan.method == "halving" and "epochs" in plan.space:
        raise ValueError(
            "[space] epochs: halving chooses the epochs itself. Put the largest number of them "
            "into [fixed]."
        )
    return plan


def _read_space(table: Mapping[str, Any]) -> dict[str, list[Any]]:
    if not table:
        raise ValueError(
            "Got no [space], but expected a table with a list of values for each parameter that "
            "is to be searched, such as learning_rate = [0.02, 0.08]."
        )
    _check_names("[space]", table, PARAMETERS)
    for name, values in table.items():
        if not isinstance(values, list) or not values:
            raise ValueError(
                f"[space] {name}: Got {quoted(values)}, but expected a list of one or more values."
            )
    # Before any value is looked at, which takes a while.
    if math.prod(map(len, table.values())) > _MOST_COMBINATIONS:
        raise ValueError(
            f"[space]: Got more than {_MOST_COMBINATIONS:,} combinations, each of which would be "
            "fitted. Leave values out."
        )
    return {
        name: [read_value(f"[space] {name}", name, value) for value in values]
        for name, values in table.items()
    }


def _read_fixed(table: Mapping[str, Any]) -> dict[str, Any]:
    _check_names("[fixed]", table, PARAMETERS)
    return {name: read_value(f"[fixed] {name}", name, value) for name, value in table.items()}


def _read_settings(table: Mapping[str, Any]) -> dict[str, Any]:
    halves = table.get("method") == "halving"
    _check_names("[search]", table, ["cv", "method", "scoring", *(["factor"] if halves else [])])
    for name, allowed in (("method", _METHODS), ("scoring", get_scorer_names())):
        if name in table and table[name] not in allowed:
            raise ValueError(
                f"[search] {name}: Got {quoted(table[name])}, but expected "
                f"{_expected(table[name], allowed)}."
            )
    for name in ("cv", "factor"):
        value = table.get(name, 2)
        if type(value) is not int or not 2 <= value <= _LARGEST_NUMBER:
            raise ValueError(
                f"[search] {name}: Got {quoted(value)}, but expected a whole number from 2 on to "
                f"{_LARGEST_NUMBER:,}."
            )
    return dict(table)


def _expected(value: Any, allowed: Sequence[str]) -> str:
    """Name what is allowed, the likeliest first where there are many."""
    close = get_close_matches(str(value)[:_LONGEST_NAME], allowed, cutoff=0.5)
    first = [*close, *(name for name in allowed if name not in close)]
    return f"one of {in_words([repr(name) for name in first])}"


def _check_names(where: str, names: Collection[str], allowed: Collection[str]) -> None:
    unknown = sorted(set(names) - set(allowed))
    if not unknown:
        return
    name = printable(shortened(unknown[0], _LONGEST_NAME))
    if allowed is PARAMETERS and name in REFUSED:
        raise ValueError(
            f"Got {where} {name}, which a search cannot set: {REFUSED[name]}. Leave it out."
        )
    raise ValueError(f"Got {where} {name}, but expected only {', '.join(allowed)}.")


def rank_candidates(search: Any) -> list[dict[str, Any]]:
    """Return what a search found, the best candidate first.

    Parameters
    ----------
    search : fitted GridSearchCV or HalvingGridSearchCV

    Returns
    -------
    candidates : list of dict
        "params", "mean_score" and "std_score" over the folds, None if a fit failed, and
        "fit_seconds", the mean time of a fit. After halving, the candidates of later rounds, which
        have been fitted for more epochs, stand first.
    """
    results = search.cv_results_
    rounds = results.get("iter", [0] * len(results["params"]))
    order = sorted(range(len(rounds)), key=lambda i: (-rounds[i], results["rank_test_score"][i]))
    return [
        {
            "params": results["params"][i],
            "mean_score": _finite(results["mean_test_score"][i]),
            "std_score": _finite(results["std_test_score"][i]),
            "fit_seconds": float(results["mean_fit_time"][i]),
        }
        for i in order
    ]


def _finite(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None
