"""What the card of a model that learned from the votes of people tells beside the others'."""

from __future__ import annotations

from collections.abc import Iterator

from ferclassifier._utils.document import Block, Paragraph, Table
from ferclassifier.pretrained._vote_facts import VoteFacts

TRAINING_DATA = (
    "FER-2013, its part Training: 28,709 gray images of 48 x 48 pixels, which a detector of faces "
    "found among the results of a web image search (Goodfellow et al. 2013, arXiv:1307.0414), and "
    "the votes of FER+ for them (Barsoum et al. 2016, arXiv:1608.01041): about ten people, paid "
    "for it over the web, said of each which of eight emotions it shows, or that they cannot tell, "
    "or that it is no face. Who they were is not known. A single vote for something is taken away. "
    "More than half of the votes that are left are for one emotion in 25,055 images: for happy in "
    "7,287, fear in 532, contempt in 119 and disgust in 119. Many images appear twice."
)
EVALUATION_DATA = (
    "FER-2013, its part PublicTest: the 3,199 of its 3,589 images of which most people agree in "
    "FER+, labelled with what they say. The others are left out, and an accuracy without hard "
    "images is higher than one with them: do not compare it with one on FER-2013's own labels. Of "
    "some images Training holds a copy or a near duplicate, such as another crop of the same "
    "photograph, which a model may have memorised: the scores without them are the ones to trust. "
    "They hold for images of this source; on others expect lower ones."
)


def on_votes(votes: VoteFacts) -> Iterator[Block]:
    """Tell how close probabilities are to the votes, and what another temperature would bring."""
    yield Table(
        "Accuracy on PublicTest, by how many of ten people gave the most frequent answer.",
        ["people who agree", "images", "accuracy", "95 % interval"],
        [
            [
                name,
                f"{row.n_images:,}",
                _percent(row.accuracy),
                " to ".join(map(_percent, row.accuracy_interval)),
            ]
            for name, row in votes.by_agreement.items()
        ],
    )
    yield Paragraph(
        f"One of the people says the same as the model on {_percent(votes.agreement)} of the "
        f"images on which most agree, two of the people on {_percent(votes.agreement_of_two)}, and "
        f"one of them the same as most on {_percent(votes.agreement_of_majority)}."
    )
    yield Paragraph(
        "The probabilities stand for people: of the faces with 0.7 for sad, seven of ten people "
        f"would call them sad, within {votes.calibration_error:.3f} in the mean, on the "
        f"{votes.n_images:,} images that more than half of the people called an emotion. Their "
        f"Kullback-Leibler divergence from the shares of the votes is {votes.divergence:.3f} in "
        f"the mean; that of the mean shares of all images would be {votes.divergence_of_mean:.3f}. "
        "That most people say so is likelier than that one of them does. So the calibration error "
        "and the log-loss of the tables, which ask what most people say, are not those of a well "
        f"calibrated model. At the temperature {votes.majority_temperature:.3f} they are "
        f"{votes.majority_calibration_error:.3f} and {votes.majority_log_loss:.3f}, on all images; "
        "calibrate, on faces with such labels, finds it, and changes no label."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
