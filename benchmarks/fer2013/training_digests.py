"""Write what the package knows of the images that the released models were trained on.

    python benchmarks/fer2013/training_digests.py fer2013.csv

It is 8 bytes of the digest of each image of Training, in order, from which no image can be made:
`ferclassifier evaluate` and reports find by them which images a released model has seen.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ferclassifier import load_fer2013
from ferclassifier.images._shared import short_digests

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.public_test import PACKAGED


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", default=PACKAGED / "fer2013_training.bin"
    )
    args = parser.parse_args()
    digests = short_digests(load_fer2013(args.data, subset="train").images)
    args.output.write_bytes(digests)
    print(f"{args.output.name}: {len(digests):,} bytes")


if __name__ == "__main__":
    main()
