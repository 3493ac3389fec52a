"""Join what cross_fit.py wrote of each fold in one small file.

    python join_folds.py unseen.npy fold_0.npy fold_1.npy fold_2.npy fold_3.npy fold_4.npy

The probabilities are kept in float16, which moves none by more than 0.0003.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from _training_set import joined


def main() -> None:
    """Join them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("output", type=Path, help="the .npy file to write")
    parser.add_argument("folds", type=Path, nargs="+", help="what --fold wrote")
    args = parser.parse_args()
    np.save(args.output, joined([np.load(fold) for fold in args.folds]).astype(np.float16))


if __name__ == "__main__":
    main()
