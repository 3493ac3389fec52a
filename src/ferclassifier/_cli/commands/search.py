"""The command ``ferclassifier search``: it reads options, and prints what the search found."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from ferclassifier._cli.data import describe_labels, load_data
from ferclassifier._cli.options import PATH, data_options, json_option
from ferclassifier._cli.outputs import check_output
from ferclassifier._cli.printing import (
    cell,
    duration,
    in_shell,
    print_json,
    print_warning,
    say,
    this_program,
)
from ferclassifier._files.search_scores import SearchScores
from ferclassifier._files.writing import replacing
from ferclassifier._utils.csv_cells import csv_cell
from ferclassifier._utils.extras import import_extra
from ferclassifier._utils.orphans import end_with_parent
from ferclassifier._utils.wording import count

if TYPE_CHECKING:
    from distributed import Client
    from rich.table import Table

    from ferclassifier._cli.search_plan import SearchPlan

# joblib says most at 49, and from 50 on it writes to stdout.
_JOBLIB_VERBOSITY = 49
_ROWS = 20


def _check_scoring(ctx: click.Context, param: click.Parameter, name: str | None) -> str | None:
    if name is None:
        return None
    from sklearn.metrics import get_scorer_names

    if name not in get_scorer_names():
        raise click.BadParameter(f"{name!r} is not one of {', '.join(get_scorer_names())}.")
    return name


@click.command()
@click.argument("data", type=PATH)
@click.option(
    "--space",
    type=PATH,
    metavar="FILE",
    required=True,
    help="The TOML file that says what to try.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Fit on the workers of this Dask scheduler. They run the code that they are sent, for "
    "whoever reaches the scheduler: use one in a network that you trust, or with TLS.",
)
@click.option(
    "--n-jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Without --scheduler: fits at a time, each in a process of its own, which takes its share "
    "of the cores and 0.9 GB. [default: 1]",
)
@click.option(
    "--cv",
    type=click.IntRange(min=2),
    metavar="N",
    help="Number of folds. [default: that of the space file, or else 3]",
)
@click.option(
    "--scoring",
    metavar="NAME",
    callback=_check_scoring,
    help="A score of scikit-learn. [default: that of the space file, or else accuracy]",
)
@click.option("--output", type=PATH, metavar="FILE", help="Write all scores to a CSV file.")
@click.option(
    "--model",
    type=PATH,
    metavar="FILE",
    help="Fit the best candidate on all images, on this machine, and save it, as 'train' does.",
)
@click.option("--force", is_flag=True, help="Replace the outputs if they exist.")
@click.option(
    "--checkpoint",
    type=PATH,
    metavar="FILE",
    help="Write down each score as soon as it is known: after an interruption the same command "
    "goes on from there. Removed at the end. With --scheduler, the workers have to see it too.",
)
@data_options(subset="train")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    metavar="N",
    help="Makes two runs equal.",
)
@json_option
def search(
    data: Path,
    space: Path,
    scheduler: str | None,
    n_jobs: int | None,
    cv: int | None,
    scoring: str | None,
    output: Path | None,
    model: Path | None,
    force: bool,
    checkpoint: Path | None,
    layout: str,
    subset: str,
    on_error: str,
    max_pixels: int,
    seed: int | None,
    as_json: bool,
) -> None:
    """Search for good parameters by cross-validation.

    DATA is as for 'ferclassifier train'. The space file holds lists of values of FERClassifier's
    parameters, every combination of which is tried; "none" stands for None:

    \b
      [space]
      architecture = ["compact", "mini_xception"]
      learning_rate = [0.02, 0.05, 0.08]
      augmentation = ["none", "standard", { flip = 0.5, rotation = 10 }]
      [fixed]
      epochs = 20
      [search]
      method = "grid"  # or "halving", over the epochs
      cv = 3
      scoring = "accuracy"

    It sets what a network is made of and how it is trained. Not callbacks, checkpoint,
    distillation_weight, verbose or warm_start, and initial_weights to the name of a released
    model only: a file names no other files.

    \b
    Examples:
      ferclassifier search fer2013.csv --space space.toml --model best.safetensors
      ferclassifier search fer2013.csv --space space.toml --scheduler tcp://192.0.2.1:8786
    """  # noqa: D301
    from ferclassifier._cli.model_files import check_model_output, write_any_model
    from ferclassifier._cli.search_plan import rank_candidates, read_plan

    if scheduler and n_jobs:
        raise click.UsageError("--n-jobs is for this machine: leave it out, or --scheduler.")
    if model:
        check_model_output(model)
    # What is there of a search that is gone on with, it has written itself, at its end.
    goes_on = checkpoint is not None and checkpoint.exists()
    for path in filter(None, (output, model)):
        check_output(path, force or goes_on)
    plan = read_plan(space)
    plan = replace(plan, cv=cv or plan.cv, scoring=scoring or plan.scoring)
    if seed is not None:
        plan = _with_seed(plan, seed)
    with redirect_stdout(sys.stderr) if as_json else nullcontext():
        with _reached(scheduler) as client:
            plan.check_architectures()
            say(f"Reading {data}")
            faces = load_data(data, layout, subset, on_error, max_pixels)
            labels = faces.target
            say(describe_labels(labels))
            start = perf_counter()
            found = _run(plan, faces.images, labels, client, n_jobs or 1, checkpoint)
            seconds = perf_counter() - start
        candidates = rank_candidates(found)
        if output:
            _write_results(found, output)
        _print_candidates(plan, candidates, seconds)
        if model:
            say("Fitting the best candidate on all images")
            write_any_model(plan.make_best(candidates).fit(faces.images, labels), model)
    if as_json:
        print_json(
            {
                "best_params": candidates[0]["params"],
                "best_score": candidates[0]["mean_score"],
                "scoring": plan.scoring,
                "n_images": len(labels),
                "n_fits": len(candidates) * plan.cv,
                "seconds": round(seconds, 1),
                "candidates": candidates,
                "output": str(output) if output else None,
                "model": str(model) if model else None,
            }
        )
    else:
        for path in filter(None, (output, model)):
            say(f"Wrote {path}.")
        if model:
            say(f"Next: {this_program()} evaluate {in_shell(data)} --model {in_shell(model)}")
    if checkpoint:
        SearchScores(checkpoint).remove()


def _with_seed(plan: SearchPlan, seed: int) -> SearchPlan:
    if "random_state" in {*plan.space, *plan.fixed}:
        raise click.UsageError(f"--seed: {plan.path} has random_state; leave out one of the two.")
    return replace(plan, fixed={**plan.fixed, "random_state": seed})


@contextmanager
def _reached(scheduler: str | None) -> Iterator[Client | None]:
    """Connect to the scheduler, if there is one, and say what it has."""
    if scheduler is None:
        yield None
        return
    from ferclassifier._cli.cluster import connected, describe, find_faults

    try:
        import_extra("distributed", extra="dask")
    except ImportError as error:
        raise click.ClickException(str(error)) from error
    with connected(scheduler) as client:
        say(f"{scheduler}: {describe(client)}")
        for fault in find_faults(client):
            print_warning(f"{scheduler}: {fault}")
        yield client


def _run(
    plan: SearchPlan,
    X: Any,
    y: Any,
    client: Client | None,
    n_jobs: int,
    checkpoint: Path | None,
) -> Any:
    """Fit all candidates, while joblib says how many fits are done."""
    from joblib import parallel_config

    from ferclassifier._cli.fits_done import fits_done_on_stderr
    from ferclassifier._cli.search_checkpoint import search_fingerprint, set_fit_times
    from ferclassifier.parallel import resilient

    say(f"{count(plan.n_candidates, 'candidate')}, {plan.cv} folds")
    if checkpoint is not None:
        checkpoint = checkpoint.absolute()
        fingerprint = search_fingerprint(X, y, plan.cv, plan.scoring)
        if n_known := SearchScores(checkpoint).begin(fingerprint):
            say(f"Going on after {count(n_known, 'fit')} of {checkpoint}")
    if client is None:
        where = parallel_config(
            "loky",
            n_jobs=n_jobs,
            verbose=_JOBLIB_VERBOSITY,
            initializer=end_with_parent,
            initargs=(os.getpid(),),
        )
    else:
        where = parallel_config("dask", client=resilient(client), verbose=_JOBLIB_VERBOSITY)
    with where, fits_done_on_stderr(), _brief_failures():
        found = plan.make_search(checkpoint).fit(X, y)
    if checkpoint is not None:
        set_fit_times(found, checkpoint)
    return found


@contextmanager
def _brief_failures() -> Iterator[None]:
    """Cut scikit-learn's account of fits that failed down to how many, and why the last did."""
    from sklearn.exceptions import FitFailedWarning

    with warnings.catch_warnings():
        show = warnings.showwarning

        def show_briefly(message: Any, *args: Any, **kwargs: Any) -> None:
            is_long = isinstance(message, FitFailedWarning)
            show(_first_and_last_line(message) if is_long else message, *args, **kwargs)

        warnings.showwarning = show_briefly
        try:
            yield
        except ValueError as error:
            if "fits failed" not in str(error):
                raise
            raise click.ClickException(_first_and_last_line(error)) from error


def _first_and_last_line(message: object) -> str:
    lines = [line.strip() for line in str(message).splitlines() if line.strip()]
    return f"{lines[0]} {lines[-1]}"


def _write_results(found: Any, path: Path) -> None:
    import pandas as pd

    with replacing(path) as file:
        results = pd.DataFrame(found.cv_results_).astype(object).map(csv_cell)
        file.write(results.rename(columns=csv_cell).to_csv(index=False).encode())


def _print_candidates(
    plan: SearchPlan, candidates: Sequence[dict[str, Any]], seconds: float
) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    console.print("", _table_of_candidates(plan, candidates[:_ROWS]), "", sep="\n")
    left_out = len(candidates) - _ROWS
    if left_out > 0:
        say(f"{count(left_out, 'more candidate')}: see them with --output or --json.")
    n_fits = len(candidates) * plan.cv
    say(f"{count(n_fits, 'fit')} in {duration(seconds)}")


def _table_of_candidates(plan: SearchPlan, candidates: Sequence[dict[str, Any]]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 2, 0, 0))
    for heading in ("rank", plan.scoring, "std", "fit, s"):
        table.add_column(cell(heading), justify="right", no_wrap=True)
    for name in plan.varied:
        table.add_column(cell(name), overflow="fold")
    for rank, candidate in enumerate(candidates, start=1):
        mean, std = candidate["mean_score"], candidate["std_score"]
        scores = ["failed", ""] if mean is None else [f"{mean:.4f}", f"{std:.4f}"]
        values = [_as_in_the_file(candidate["params"][name]) for name in plan.varied]
        seconds = f"{candidate['fit_seconds']:.1f}"
        table.add_row(str(rank), *scores, seconds, *map(cell, values))
    return table


def _as_in_the_file(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} = {_as_in_the_file(item)}" for name, item in value.items())
    return "none" if value is None else str(value)
