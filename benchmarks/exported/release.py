"""Write the ONNX file of a released model, beside its weights.

    python benchmarks/exported/release.py compact
    python benchmarks/exported/release.py tiny --views none --int8 --data fer2013.csv
    python benchmarks/exported/release.py best --card-only

It answers as the released model, or with other views. The weights are those of the model, to the
bit, unless they are made whole numbers. `--card-only` changes nothing but the card that is in the
file, after `evaluate.py` has written another one.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import onnx

from ferclassifier import FERVotingClassifier, export_onnx, load_fer2013
from ferclassifier._files import strict_json
from ferclassifier._files.seal import NO_SUM
from ferclassifier._onnx.manifest import KEY, seal_onnx
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
    parser.add_argument("--card-only", action="store_true", help="keep all else in the file")
    parser.add_argument("--output", type=Path, help="instead of the place of released models")
    args = parser.parse_args()
    if args.int8 and args.data is None:
        parser.error("--int8 needs --data")
    path = args.output or PACKAGED / f"{args.name}.onnx"
    if args.card_only:
        replace_card(path, model_card(args.name))
        return

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
        path,
        quantize="int8" if args.int8 else None,
        calibration_images=images,
        card=model_card(args.name),
    )
    print(made)


def replace_card(path: Path, card: str) -> None:
    """Put another card into an ONNX file, and seal it again."""
    model = onnx.load(path)
    (entry,) = (entry for entry in model.metadata_props if entry.key == KEY)
    entry.value = strict_json.dumps({**json.loads(entry.value), "card": card, "sha256": NO_SUM})
    path.write_bytes(seal_onnx(model.SerializeToString()))


if __name__ == "__main__":
    main()
