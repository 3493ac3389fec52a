"""Race recipes: accuracy on PublicTest against seconds, multiplications and epochs.

    python benchmarks/fer2013/race.py fer2013.csv plain_60 muon_30 --seeds 0 1 2
    python benchmarks/fer2013/race.py                      # only the table

The recipes are those of race.toml, by name: parameters of FERClassifier, and what a recipe is
compared with. Each fit is a process of its own. What it gave is a row of
benchmarks/results/race.csv, so that a race can be interrupted and gone on with: a recipe and seed
that stand there are not run again. The table has the median of the seeds, and their range.
PublicTest is predicted without views, as `FERClassifier().fit(X, y).predict` does.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.runs import append_run, read_runs

HERE = Path(__file__).parent
RECIPES = HERE / "race.toml"
RESULTS = HERE.parent / "results" / "race.csv"


def main() -> None:
    """Run the race, and print its table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", nargs="?", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("recipes", nargs="*", metavar="RECIPE", help="default: all")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--limit", type=int, help="use only the first images, to try it out")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--here", action="store_true", help="one fit, in this process")
    args = parser.parse_args()
    known = tomllib.loads(RECIPES.read_text())
    if unknown := set(args.recipes) - set(known):
        parser.error(f"no recipe {sorted(unknown)} in {RECIPES.name}, which has {sorted(known)}")
    if args.here:
        run_here(args.data, args.recipes[0], known[args.recipes[0]], args)
        return
    if args.data is not None:
        race(args.data, args.recipes or list(known), args)
    print(table_of(read_runs(args.results), known))


def race(data: str, recipes: list[str], args: argparse.Namespace) -> None:
    """Run what has not been run, seed by seed, so that all recipes have the first one soon."""
    for seed in args.seeds:
        for name in recipes:
            done = {(run["recipe"], int(run["seed"])) for run in read_runs(args.results)}
            if (name, seed) in done:
                continue
            command = [sys.executable, __file__, data, name, "--here", "--seeds", str(seed)]
            command += ["--results", str(args.results)]
            command += [] if args.limit is None else ["--limit", str(args.limit)]
            subprocess.run(command, check=True)


def run_here(data: str, name: str, recipe: dict[str, Any], args: argparse.Namespace) -> None:
    """Fit one recipe with one seed, and write its row."""
    from sklearn.metrics import log_loss

    from ferclassifier import FERClassifier, load_fer2013

    train, test = (load_fer2013(data, subset=subset) for subset in ("train", "validation"))
    X, y = train.images[: args.limit], train.target_codes[: args.limit]
    clf = FERClassifier(**parameters_of(recipe), random_state=args.seeds[0], verbose=2)
    start, processor_start = time.perf_counter(), time.process_time()
    clf.fit(X, y)
    seconds, processor = time.perf_counter() - start, time.process_time() - processor_start
    proba = clf.set_params(test_time_augmentation=None).predict_proba(test.images)
    run = {
        "recipe": name,
        "seed": args.seeds[0],
        "accuracy": f"{(proba.argmax(axis=1) == test.target_codes).mean():.4f}",
        "log_loss": f"{log_loss(test.target_codes, proba):.4f}",
        "train_accuracy": f"{clf.history_['accuracy'][-1]:.4f}",
        "epochs": clf.n_iter_,
        "tflop": f"{tflop_of(clf, len(X)):.1f}",
        "seconds": f"{seconds:.0f}",
        "processor_seconds": f"{processor:.0f}",
    }
    append_run(args.results, run)
    print(run, flush=True)


def parameters_of(recipe: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a recipe."""
    return {key: value for key, value in recipe.items() if key != "against"}


def tflop_of(clf: Any, n_images: int) -> float:
    """Return what the convolutions of a fit compute: forwards once, and twice that backwards."""
    import keras

    from _shared.multiply_adds import multiply_adds
    from ferclassifier._classifier.recipe import training_settings
    from ferclassifier.architectures import get_architecture

    settings = training_settings(clf, is_partial=False, continues=False)
    params = clf.architecture_params or {}
    build = get_architecture(clf.architecture, params)

    def of_images(size: tuple[int, ...]) -> int:
        inputs = keras.Input((*size, 1))
        return multiply_adds(keras.Model(inputs, build(inputs, 7, **params)))

    small = settings.small_epochs
    total = (clf.n_iter_ - small) * of_images((48, 48))
    if settings.small_size is not None:
        total += small * of_images(settings.small_size)
    return 2 * 3 * total * n_images / 1e12


def published_table() -> str:
    """Return the table of what is kept, as docs/benchmarks.md shows it."""
    return table_of(read_runs(RESULTS), tomllib.loads(RECIPES.read_text()))


def table_of(runs: list[dict[str, str]], recipes: dict[str, Any]) -> str:
    """Return a row for each recipe that was run."""
    from _shared.machine import table

    of_recipe: dict[str, list[dict[str, str]]] = defaultdict(list)
    for run in runs:
        of_recipe[run["recipe"]].append(run)
    rows: list[dict[str, object]] = []
    for name, its_runs in of_recipe.items():
        accuracies = [float(run["accuracy"]) for run in its_runs]
        median = statistics.median(accuracies)
        against = recipes.get(name, {}).get("against")
        gain = ""
        if against in of_recipe:
            other = [float(run["accuracy"]) for run in of_recipe[against]]
            gain = f"{100 * (median - statistics.median(other)):+.1f} to {against}"
        rows.append(
            {
                "recipe": name,
                "seeds": len(its_runs),
                "accuracy, median": f"{median:.4f}",
                "range": f"{min(accuracies):.4f} to {max(accuracies):.4f}",
                "points": gain,
                **{what: _median(its_runs, what) for what in ("log_loss", "train_accuracy")},
                "epochs": its_runs[0]["epochs"],
                "TFLOP": its_runs[0]["tflop"],
                "processor minutes": f"{float(_median(its_runs, 'processor_seconds')) / 60:.1f}",
            }
        )
    return table(rows) if rows else "nothing was run yet"


def _median(runs: list[dict[str, str]], what: str) -> str:
    return f"{statistics.median(float(run[what]) for run in runs):.4g}"


if __name__ == "__main__":
    main()
