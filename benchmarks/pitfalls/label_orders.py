"""What a model scores whose columns are read in another order of the labels.

    python benchmarks/pitfalls/label_orders.py fer2013.csv

FER-2013's codes are in the order of `EMOTIONS`; the columns of `predict_proba` are in that of
`classes_`, the sorted names, as are those of networks that were trained on a folder for each class.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from ferclassifier import EMOTIONS, load_fer2013, load_pretrained

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import table


def main() -> None:
    """Score PublicTest with both orders."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    args = parser.parse_args()

    test = load_fer2013(args.data, subset="validation")
    clf = load_pretrained("compact", runtime="onnx")
    places = clf.predict_proba(test.images).argmax(axis=1)
    rows: list[dict[str, object]] = [
        {
            "columns read in the order of": name,
            "accuracy": f"{(np.asarray(order)[places] == test.target).mean():.3f}",
        }
        for name, order in (("`classes_`", clf.classes_), ("`EMOTIONS`", EMOTIONS))
    ]
    print(table(rows))


if __name__ == "__main__":
    main()
