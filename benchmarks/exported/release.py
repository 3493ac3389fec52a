"""Write the ONNX file of a released model, beside its weights.

    python benchmarks/exported/release.py compact
    python benchmarks/exported/release.py tiny --views none --int8 --data fer2013.csv

It answers as the released model, or with other views. The weights are those of the model, to the
bit, unless they are made whole numbers.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ferclassifier import FERVotingClassifier, export_onnx, load_fer2013
from ferclassifier.pretrained import list_pretrained, load_pretrained, model_card

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.public_test import PACKAGED

# So many training images say which values occur in each layer.
CALIBRATION = 512


def main() -> None:
    """Export and release."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", choices=list_pretrained())
    parser.add_argument("--views", choices=["none", "flip", "ten_crop"], help="instead of its own")
    parser.add_argument("--int8", action="store_true", help="in whole numbers")
    parser.add_argument("--data", help="FER-2013, of which Training is looked at for --int8")
    parser.add_argument("--output", type=Path, help="instead of the place of released models")
    args = parser.parse_args()
    if args.int8 and args.data is None:
        parser.error("--int8 needs --data")

    model = load_pretrained(args.name)
    if args.views is not None:
        views = None if args.views == "none" else args.views
        members = model.estimators_ if isinstance(model, FERVotingClassifier) else [model]
        for member in members:
            member.set_params(test_time_augmentation=views)
    images = None
    if args.data is not None:
        images = load_fer2013(args.data, subset="train").images
        images = images[:: len(images) // CALIBRATION][:CALIBRATION]
    made = export_onnx(
        model,
        args.output or PACKAGED / f"{args.name}.onnx",
        quantize="int8" if args.int8 else None,
        calibration_images=images,
        card=model_card(args.name),
    )
    print(made)


if __name__ == "__main__":
    main()
