"""
Ten raters instead of one label
===============================

People do not agree on what faces show. A network that learns what ten of them say, instead of what
most of them do, gives probabilities that mean how many would say so. Faces are drawn here, and so
are their raters; ``load_ferplus`` has real ones. ``--short`` makes it small.
"""

# %%
import sys

import matplotlib.pyplot as plt
import numpy as np

from ferclassifier import FERClassifier, make_faces
from ferclassifier.metrics import emotion_report

short = "--short" in sys.argv
n_samples, epochs = (120, 1) if short else (3000, 12)

# %%
# Ten raters for each face. Most of them see what was drawn, some take it for the next emotion, and
# a few say "unknown".
faces, drawn = make_faces(n_samples, noise=0.1, random_state=0)
emotions = np.unique(drawn)
vote_names = [*emotions, "unknown"]
own = np.eye(len(emotions))
chances = np.hstack(
    [
        0.65 * own + 0.27 * np.roll(own, 1, axis=1) + 0.03 / len(emotions),
        np.full((len(own), 1), 0.05),
    ]
)
rng = np.random.default_rng(0)
votes = rng.multinomial(10, chances[np.searchsorted(emotions, drawn)])

# %%
# Without "unknown", shares are what a network can learn, and the most frequent answer is a label.
shares = votes[:, :-1] / votes[:, :-1].sum(axis=1, keepdims=True)
labels = emotions[shares.argmax(axis=1)]
half = n_samples // 2
models = {
    "labels": FERClassifier(epochs=epochs, random_state=0).fit(faces[:half], labels[:half]),
    "shares": FERClassifier(epochs=epochs, distillation_weight=1.0, random_state=0).fit(
        faces[:half], labels[:half], soft_targets=shares[:half]
    ),
}

# %%
# Both are compared with the raters of faces that they have not seen. How often two raters say the
# same is what to expect of a model that is like one more rater.
reports = {
    name: emotion_report(
        labels[half:],
        model.predict_proba(faces[half:]),
        classes=model.classes_,
        votes=votes[half:],
        vote_names=vote_names,
    ).votes
    for name, model in models.items()
}
for name, report in reports.items():
    print(f"learned from {name}:\n{report}\n")

# %%
# Accuracy looks at the most frequent answer alone, the divergence at how many would say otherwise.
# Shares are closer to the votes; of so few faces and epochs, labels have more right answers.
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.5), layout="constrained")
for name, report in reports.items():
    table = report.by_agreement
    left.plot(table.index, table["accuracy"], "o-", label=f"learned from {name}")
left.set(xlabel="raters that agree", ylabel="accuracy", ylim=(0, 1.05))
left.legend()
right.bar(list(reports), [report.kl_divergence for report in reports.values()])
right.axhline(
    reports["labels"].kl_of_mean_votes, ls=":", color="gray", label="the mean of the votes"
)
right.set(ylabel="divergence from the votes")
right.margins(y=0.25)  # room for the legend
right.legend()
plt.show()
