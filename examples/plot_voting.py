"""
A vote of networks
==================

Networks that differ in their architecture and their seed make different mistakes, and the mean of
their probabilities is right more often than most of them. ``--short`` makes it small.
"""

# %%
import sys

import matplotlib.pyplot as plt
from sklearn.ensemble import VotingClassifier
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import train_test_split

from ferclassifier import EMOTIONS, FERClassifier, make_faces

short = "--short" in sys.argv
n_samples, epochs = (70, 1) if short else (2000, 8)

# %%
X, y = make_faces(n_samples, noise=1.0, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

# %%
# "soft" takes the mean of the probabilities.
members = [
    (f"{architecture} {seed}", FERClassifier(architecture, epochs=epochs, random_state=seed))
    for architecture, seed in [("compact", 0), ("compact", 1), ("gap_cnn", 0)]
]
ensemble = VotingClassifier(members, voting="soft").fit(X_train, y_train)
for name, member in ensemble.named_estimators_.items():
    accuracy = (ensemble.le_.inverse_transform(member.predict(X_test)) == y_test).mean()
    print(f"{name:10} {accuracy:.3f}")
print(f"{'ensemble':10} {ensemble.score(X_test, y_test):.3f}")

# %%
# What the ensemble still confuses, with scikit-learn's own display.
figure, ax = plt.subplots(figsize=(5.5, 5), layout="constrained")
ConfusionMatrixDisplay.from_estimator(
    ensemble,
    X_test,
    y_test,
    labels=list(EMOTIONS),
    normalize="true",
    values_format=".2f",
    xticks_rotation=45,
    cmap="Blues",
    colorbar=False,
    ax=ax,
)
plt.show()
