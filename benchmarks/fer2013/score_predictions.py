"""Score what predict.py wrote: on the labels of FER-2013, or on the votes of FER+.

    python predict.py fer2013.csv plus.safetensors plus.npy --views none flip ten_crop
    python score_predictions.py fer2013.csv fer2013new.csv scores.csv plus.npy

Predictions of eight classes are scored on what most people voted for, where that is a majority:
all such images, those without copies and near duplicates in Training, and by how many agreed. The
temperature is fitted on the other half of them each time. The accuracy of the images of one emotion
is its recall. Beside that stands how far the
probabilities are from the shares of the votes, for all images of which more than half of the votes
are for emotions: the mean Kullback-Leibler divergence as the network gives them, and with a
temperature of their own, fitted on the votes of the other half. What it would be if every image
got the mean shares of all images is printed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier import EMOTIONS
from ferclassifier.metrics import emotion_report

sys.path.insert(0, str(Path(__file__).parents[1]))
from _votes import EIGHT_EMOTIONS, Votes, cross_fitted_to_votes, on_votes, read_votes

from _shared.public_test import PublicTest, cross_calibrated, public_test
from _shared.runs import append_run

_VIEWS = ("none", "flip", "ten_crop")
_AGREEING = (5, 6, 7, 8, 9, 10)


def main() -> None:
    """Score them, a row for each network, views and images."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("votes", type=Path, help="fer2013new.csv")
    parser.add_argument("output", type=Path, help="the .csv file to write")
    parser.add_argument(
        "predictions", type=Path, nargs="+", help="of --views none flip ten_crop, or of one view"
    )
    args = parser.parse_args()

    test = public_test(args.data)
    votes = read_votes(args.votes, "validation")
    args.output.unlink(missing_ok=True)
    for file in args.predictions:
        views = np.load(file)
        for name, proba in zip(_VIEWS, views if views.ndim == 3 else [views], strict=False):
            score = scores_on_votes if proba.shape[1] == len(EIGHT_EMOTIONS) else scores_on_labels
            for row in score(proba, test, votes):
                append_run(args.output, {"network": file.name.split(".")[0], "views": name, **row})
    everybody = on_votes(votes.shares, votes)
    print(f"KL of the mean of the votes: {everybody.kl_of_mean_votes:.4f}")
    clear = Votes(votes.counts[votes.has_majority])
    most = on_votes(clear.shares, clear)
    print(
        f"where there is a majority, two people agree on {most.rater_agreement:.3f} of the images, "
        f"and one of them with the most frequent answer on {most.highest_agreement:.3f}"
    )


def scores_on_labels(
    proba: NDArray[np.float32], test: PublicTest, votes: Votes
) -> list[dict[str, Any]]:
    """Score seven classes."""
    classes = np.array(sorted(EMOTIONS))
    calibrated, _ = cross_calibrated(proba, test.labels, classes)
    return [
        scores(images, calibrated[rows], test.labels[rows], classes)
        for images, rows in test.subsets.items()
    ]


def scores_on_votes(
    proba: NDArray[np.float32], test: PublicTest, votes: Votes
) -> list[dict[str, Any]]:
    """Score eight classes."""
    clear = votes.has_majority
    calibrated = np.zeros_like(proba)
    calibrated[clear], _ = cross_calibrated(proba[clear], votes.plurality[clear], EIGHT_EMOTIONS)
    parts = {name: clear & rows for name, rows in test.subsets.items()}
    parts |= {f"{n} agree": clear & (votes.agreeing == n) for n in _AGREEING}
    parts["at least 8 agree"] = clear & (votes.agreeing >= 8)
    parts["at least 8 agree, without copies"] = parts["at least 8 agree"] & parts["without_copies"]
    parts |= {emotion: clear & (votes.plurality == emotion) for emotion in EIGHT_EMOTIONS}
    return [
        scores(images, calibrated[rows], votes.plurality[rows], EIGHT_EMOTIONS)
        | closeness(proba, votes, test.subsets.get(images))
        for images, rows in parts.items()
        if rows.any()
    ]


def scores(
    images: str, proba: NDArray[Any], labels: NDArray[np.str_], classes: NDArray[np.str_]
) -> dict[str, Any]:
    """Return the scores of a report, and columns for those that only votes give."""
    report = emotion_report(labels, proba, classes=classes)
    low, high = report.accuracy_interval
    return {
        "images": images.replace("_", " "),
        "number": report.n_images,
        "accuracy": f"{report.accuracy:.4f}",
        "low": f"{low:.4f}",
        "high": f"{high:.4f}",
        "macro_f1": f"{report.macro_f1:.4f}",
        "log_loss": f"{report.log_loss:.4f}",
        "ece": f"{report.expected_calibration_error:.4f}",
        "kl_votes": "",
        "kl_votes_calibrated": "",
        "log_loss_votes": "",
        "votes_temperature": "",
    }


def closeness(
    proba: NDArray[np.float32], votes: Votes, subset: NDArray[np.bool_] | None
) -> dict[str, str]:
    """Return how far probabilities are from the shares of votes; nothing for other images."""
    if subset is None:
        return {}
    rows = votes.is_emotion
    shares, said = votes.shares[rows], proba[rows]
    calibrated, temperatures = cross_fitted_to_votes(shares, said)
    counted = subset[rows]
    asked = Votes(votes.counts[rows][counted])
    plain, fitted = on_votes(said[counted], asked), on_votes(calibrated[counted], asked)
    return {
        "kl_votes": f"{plain.kl_divergence:.4f}",
        "kl_votes_calibrated": f"{fitted.kl_divergence:.4f}",
        "log_loss_votes": f"{fitted.log_loss:.4f}",
        "votes_temperature": f"{np.mean(temperatures):.3f}",
    }


if __name__ == "__main__":
    main()
