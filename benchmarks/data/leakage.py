"""Over-sampling before the folds are made, and inside of them.

    python benchmarks/data/leakage.py fer2013.csv

Cross-validated balanced accuracy of a random forest on the PublicTest images. Copies that are made
before the split stand in the training and in the test part of a fold, and the score is a wish.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import table


def main() -> None:
    """Score both ways, and without over-sampling."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    args = parser.parse_args()

    from imblearn.over_sampling import RandomOverSampler
    from imblearn.pipeline import make_pipeline
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import cross_val_score

    from ferclassifier import AugmentingOverSampler, load_fer2013

    X, y = load_fer2013(args.data, subset="validation", return_X_y=True)
    forest = RandomForestClassifier(n_estimators=100, random_state=0)

    def score(model: object, X: object, y: object) -> str:
        return f"{cross_val_score(model, X, y, cv=3, scoring='balanced_accuracy').mean():.3f}"

    rows = [{"sampler": "none", "before the split": "", "in the Pipeline": score(forest, X, y)}]
    for sampler in (RandomOverSampler(random_state=0), AugmentingOverSampler(random_state=0)):
        rows.append(
            {
                "sampler": type(sampler).__name__,
                "before the split": score(forest, *sampler.fit_resample(X, y)),
                "in the Pipeline": score(make_pipeline(sampler, forest), X, y),
            }
        )
    print(table(rows))


if __name__ == "__main__":
    main()
