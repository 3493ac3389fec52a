"""Score a trained model on PublicTest: accuracy, macro-F1, calibration, with and without copies.

    python benchmarks/fer2013/evaluate.py fer2013.csv compact.safetensors
    python benchmarks/fer2013/evaluate.py fer2013.csv compact

Several models are scored as an ensemble, their probabilities averaged. A temperature is fitted on
PublicTest too; its effect is told honestly by fitting it on one half and scoring the other, and the
other way round. Beside the calibration error (ECE) stands the one that the same probabilities
would have by chance if they were exact: its mean, and what 95 % of such errors stay below.

`--votes fer2013new.csv` scores a model of the eight emotions of FER+ on the images on which most
people agree. Two temperatures are compared: one fitted on what most people say, and one fitted on
the shares of their votes, which is the one that a released model keeps.

`--release NAME` keeps the temperature, fitted on all of PublicTest, and writes the model and the
facts of its card into the package, described by `--config` and `--log`; what a prediction gives on
another backend comes from `predict.py`, as `--backend jax=FILE.npy`. `--rescore` writes the scores
of a released model, with the temperature that it has, anew into its card, and the backends that
are given.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier import FERVotingClassifier
from ferclassifier._classifier.temperature import best_temperature
from ferclassifier.metrics import EmotionReport, emotion_report
from ferclassifier.pretrained import _facts
from ferclassifier.pretrained._facts import Agreement, ModelFacts, Scores, Training
from ferclassifier.pretrained._vote_facts import VoteFacts

sys.path.insert(0, str(Path(__file__).parents[1]))
from _scores_on_votes import distance_at, score_on_votes, with_majority
from _votes import read_votes

from _shared.machine import machine, table
from _shared.multiply_adds import multiply_adds
from _shared.public_test import (
    PACKAGED,
    PublicTest,
    calibration_error_by_chance,
    cross_calibrated,
    load,
    public_test,
)

_DATA = "The 28,709 images of FER-2013's Training part, 48 x 48 pixels, gray."
_VOTED_DATA = (
    "The 28,411 images of FER-2013's Training part that more than half of the people called an "
    "emotion, 48 x 48 pixels, gray, and the shares of their votes."
)
_FAILINGS_ON_VOTES = {
    "Rare emotions": "People saw little contempt, disgust and fear in the training images, and in "
    "PublicTest as well: their scores, and the macro-F1, rest on few faces.",
    "Faces on which people disagree": "An answer on such a face is one of several that people "
    "would give. The probabilities say so.",
}
_HARMED_BY_VOTES = {
    "People whom the raters misread": "It answers as people did of whom nothing is known, with "
    "their prejudices about age, gender, skin colour, culture or disability. How many people would "
    "say something is not how likely it is to be true.",
}
_VIEWS = {None: 1, "flip": 2, "ten_crop": 10}


def main() -> None:
    """Score, and release if asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("models", nargs="+", help="a file of clf.save, or a released model's name")
    parser.add_argument("--votes", type=Path, help="fer2013new.csv, for a model of eight emotions")
    parser.add_argument("--views", choices=["none", "flip", "ten_crop"], help="set for each model")
    parser.add_argument("--weights", type=float, nargs="+", help="of the members of an ensemble")
    parser.add_argument("--release", metavar="NAME", help="write the model into the package")
    parser.add_argument(
        "--member", metavar="NAME", help="write only the weights there, for an ensemble"
    )
    parser.add_argument("--rescore", action="store_true", help="only the scores of its card")
    parser.add_argument("--summary", default="", help="a line for the card")
    parser.add_argument("--notes", default="", help="a line on the training for the card")
    parser.add_argument("--hardware", help="on which it was trained; default: this machine's")
    parser.add_argument("--config", type=Path, help="the .toml file of the training")
    parser.add_argument("--log", type=Path, nargs="+", help="the .csv files of the training")
    parser.add_argument("--backend", action="append", default=[], metavar="NAME=FILE")
    args = parser.parse_args()

    test = public_test(args.data)
    members = [load(name) for name in args.models]
    if args.views:
        for member in members:
            member.set_params(test_time_augmentation=None if args.views == "none" else args.views)
    model = members[0]
    if len(members) > 1:
        names = [Path(name).stem for name in args.models]
        model = FERVotingClassifier.from_fitted(
            list(zip(names, members, strict=True)), weights=args.weights
        )
    model.temperature_ = 1.0  # members keep theirs
    start = time.perf_counter()
    plain = model.predict_proba(test.images)
    speed = len(plain) / (time.perf_counter() - start)
    on_votes = None
    scored = plain
    if args.votes is not None:
        votes = read_votes(args.votes, "validation")
        on_votes = score_on_votes(plain, votes)
        test, scored = with_majority(test, votes), plain[votes.has_majority]
    calibrated, _ = cross_calibrated(scored, test.labels, model.classes_)
    kinds = {"1": scored, "cross-fitted": calibrated}
    if on_votes is not None:
        kinds["cross-fitted to the votes"] = calibrated = on_votes.calibrated

    print(f"{machine()}\n")
    rows = []
    for temperature, proba in kinds.items():
        for name, report in reports(model.classes_, proba, test).items():
            low, high = report.accuracy_interval
            rows.append(
                {
                    "images": name.replace("_", " "),
                    "number": f"{report.n_images:,}",
                    "temperature": temperature,
                    "accuracy": f"{report.accuracy:.4f}",
                    "95 % interval": f"{low:.3f} to {high:.3f}",
                    "macro-F1": f"{report.macro_f1:.4f}",
                    "log-loss": f"{report.log_loss:.4f}",
                    "ECE": f"{report.expected_calibration_error:.4f}",
                    "ECE by chance": "{:.4f}, {:.4f}".format(
                        *calibration_error_by_chance(proba[test.subsets[name]])
                    ),
                }
            )
    print(table(rows))
    codes = np.searchsorted(model.classes_, test.labels)
    model.temperature_ = best_temperature(scored, codes)
    print(
        f"\ntemperature fitted on all of PublicTest: {model.temperature_:.3f}; "
        f"{speed:,.0f} images a second in batches"
    )
    if on_votes is not None:
        print(
            "there, divergence from the votes and calibration error: {:.4f}, {:.4f}".format(
                *distance_at(model.temperature_, plain, votes)
            )
        )
        model.temperature_ = on_votes.temperature
        print(f"fitted on the votes: {model.temperature_:.3f}\n\n{on_votes.told}")
    scores = reports(model.classes_, calibrated, test)
    told = None if on_votes is None else on_votes.told
    print(f"\n{scores['all']}")
    if args.release:
        release(args, model, scores, told, plain)
    if args.rescore:
        rescore(args.models[0], scores, told, backends(args, plain))
    if args.member:
        model.save(weights_file(args.member), dtype="float16")


def weights_file(name: str) -> Path:
    """Return where the package has the weights of that name."""
    return PACKAGED / f"{name}.safetensors"


def reports(classes: Any, proba: NDArray[Any], test: PublicTest) -> dict[str, EmotionReport]:
    """Return the scores on each of the subsets."""
    return {
        name: emotion_report(test.labels[kept], proba[kept], classes=classes)
        for name, kept in test.subsets.items()
    }


def rescore(
    name: str,
    scores: dict[str, EmotionReport],
    votes: VoteFacts | None,
    compared: dict[str, Agreement],
) -> None:
    """Write other scores into the card of a released model, and what was compared now."""
    card = PACKAGED / f"{name}.json"
    facts = ModelFacts.from_json(card.read_text(encoding="utf-8"))
    facts = replace(
        facts,
        scores={subset: Scores.of(report) for subset, report in scores.items()},
        votes=votes,
        backends={**facts.backends, **compared},
    )
    card.write_text(facts.to_json(), encoding="utf-8")


def release(
    args: argparse.Namespace,
    model: Any,
    scores: dict[str, EmotionReport],
    votes: VoteFacts | None,
    plain: NDArray[np.float32],
) -> None:
    """Write the model and its facts into the package."""
    PACKAGED.mkdir(exist_ok=True)
    members = {}
    if isinstance(model, FERVotingClassifier):
        weights = args.weights or [1.0] * len(model.estimators)
        members = dict(zip([name for name, _ in model.estimators], weights, strict=True))
        networks = list(model.estimators_)
        size = sum(weights_file(name).stat().st_size for name in members)
    else:
        model.save(weights_file(args.release), dtype="float16")
        networks = [model]
        size = weights_file(args.release).stat().st_size
    facts = ModelFacts(
        name=args.release,
        summary=args.summary,
        architecture=", ".join(
            sorted({network._network.spec.architecture for network in networks})
        ),
        classes=[str(label) for label in model.classes_],
        data=_DATA if votes is None else _VOTED_DATA,
        protocol="Trained on Training. Architecture, epochs, views and temperature were chosen on "
        "PublicTest, whose scores are therefore slightly hopeful; PrivateTest was not looked at. "
        "Scores are PublicTest's, the temperature fitted on the other half of it each time"
        f"{'' if votes is None else ', on the votes'}. "
        "Intervals are Wilson's, 95 %, for one trained network.",
        training=training(args),
        n_parameters=sum(network._network.keras_model.count_params() for network in networks),
        multiply_adds=sum(
            multiply_adds(network._network.keras_model) * _VIEWS[network.test_time_augmentation]
            for network in networks
        ),
        file_size=size,
        temperature=round(float(model.temperature_), 6),
        test_time_augmentation=networks[0].test_time_augmentation,
        scores={name: Scores.of(report) for name, report in scores.items()},
        backends=backends(args, plain),
        labels="FER-2013" if votes is None else "FER+",
        votes=votes,
        members=members,
        known_failings=_facts.FAILINGS if votes is None else _facts.FAILINGS | _FAILINGS_ON_VOTES,
        who_may_be_harmed=_facts.HARMED if votes is None else _facts.HARMED | _HARMED_BY_VOTES,
        licence_of_data=_facts.LICENCE_OF_DATA
        + ("" if votes is None else " The votes of FER+ are Microsoft's, under the MIT licence."),
    )
    (PACKAGED / f"{args.release}.json").write_text(facts.to_json(), encoding="utf-8")


def training(args: argparse.Namespace) -> Training:
    """Tell from the configuration and the logs how a model, or all members, came about."""
    seconds = []
    for log in args.log:
        with log.open(newline="") as file:
            seconds += [float(row["seconds"]) for row in csv.DictReader(file)]
    return Training(
        config=tomllib.loads(args.config.read_text())["classifier"] if args.config else {},
        epochs=len(seconds),
        minutes=round(sum(seconds) / 60, 1),
        hardware=args.hardware or machine(),
        notes=args.notes,
    )


def backends(args: argparse.Namespace, plain: NDArray[np.float32]) -> dict[str, Agreement]:
    """Compare with all backends whose probabilities are given."""
    return {
        name: agreement(np.load(path), plain)
        for name, path in (item.split("=", 1) for item in args.backend)
    }


def agreement(other: NDArray[np.float32], plain: NDArray[np.float32]) -> Agreement:
    """Compare the probabilities on another backend with those here."""
    return Agreement(
        n_images=len(plain),
        same_labels=float((other.argmax(axis=1) == plain.argmax(axis=1)).mean()),
        max_difference=float(np.abs(other - plain).max()),
    )


if __name__ == "__main__":
    main()
