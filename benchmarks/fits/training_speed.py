"""Images per second of training, by turns, beside the first of the recipes.

    python benchmarks/fits/training_speed.py plain_60 muon_30

The recipes are those of benchmarks/fer2013/race.toml. Each round fits all of them on the same
random pixels and leaves out the first epoch, in which the network is compiled. A round gives a
ratio to the first recipe; the table has the medians over the rounds.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import keras
import numpy as np

from ferclassifier import FERClassifier
from ferclassifier.architectures import DEFAULT_ARCHITECTURE, get_architecture

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "fer2013"))
from race import RECIPES, parameters_of

from _shared.machine import machine, table
from _shared.multiply_adds import multiply_adds


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipes", nargs="+", metavar="RECIPE")
    parser.add_argument("--images", type=int, default=2560)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    known = tomllib.loads(RECIPES.read_text())
    X = np.random.default_rng(0).integers(0, 256, (args.images, 48, 48), dtype=np.uint8)
    y = np.arange(args.images) % 7

    speeds: dict[str, list[tuple[float, float]]] = {name: [] for name in args.recipes}
    for _ in range(args.rounds):
        for name in args.recipes:
            speeds[name].append(speed_of(known[name], X, y, args.epochs))
    print(f"{machine()}\n")
    first = speeds[args.recipes[0]]
    rows: list[dict[str, object]] = []
    for name, its in speeds.items():
        ratios = [
            [mine[kind] / others[kind] for mine, others in zip(its, first, strict=True)]
            for kind in (0, 1)
        ]
        rows.append(
            {
                "recipe": name,
                "million multiplications": f"{multiplications(known[name]) / 1e6:.1f}",
                "images a second": f"{statistics.median(clock for clock, _ in its):,.0f}",
                "ratio": f"{statistics.median(ratios[0]):.2f}",
                "of the rounds": ", ".join(f"{ratio:.2f}" for ratio in ratios[0]),
                "a processor second": f"{statistics.median(cpu for _, cpu in its):,.0f}",
                "its ratio": f"{statistics.median(ratios[1]):.2f}",
            }
        )
    print(table(rows))


def speed_of(recipe: dict[str, Any], X: Any, y: Any, epochs: int) -> tuple[float, float]:
    """Return images a second at full size, and a processor second, in the median epoch."""
    params = parameters_of(recipe) | {"epochs": epochs, "progressive_resizing": None}
    ends: list[tuple[float, float]] = []
    watch = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: ends.append((time.perf_counter(), time.process_time()))
    )
    FERClassifier(**params, random_state=0, callbacks=[watch]).fit(X, y)
    clock, processor = np.median(np.diff(ends, axis=0), axis=0)
    return len(X) / float(clock), len(X) / float(processor)


def multiplications(recipe: dict[str, Any]) -> int:
    """Return those of an image that passes the network."""
    params = recipe.get("architecture_params", {})
    inputs = keras.Input((48, 48, 1))
    build = get_architecture(recipe.get("architecture", DEFAULT_ARCHITECTURE), params)
    return multiply_adds(keras.Model(inputs, build(inputs, 7, **params)))


if __name__ == "__main__":
    main()
