"""
Faults in a data set
====================

Before a model is trained, its images are worth a look: which of them stand twice, show nothing, or
have the wrong label. Here drawn faces are spoiled in every way, and the audit finds out how.
``--short`` makes it small.
"""

# %%
import sys

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from ferclassifier import make_faces
from ferclassifier.audit import audit_images

short = "--short" in sys.argv
n_samples = 400 if short else 2000

# %%
# Four of five faces are to train a model, and the rest is to test it. Some training faces stand in
# the test as well, brightened or as they are; some are black, and one is a page of text.
rng = np.random.default_rng(0)
faces, emotions = make_faces(n_samples, n_classes=4, random_state=0)
n_train = n_samples * 4 // 5
groups = np.repeat(["train", "test"], [n_train, n_samples - n_train])

faces[n_train : n_train + 6] = faces[:6]
emotions[n_train : n_train + 6] = emotions[:6]
brighter = np.minimum(faces[6:12] * 1.1, 255).astype(np.uint8)
faces[n_train + 6 : n_train + 12] = brighter
emotions[n_train + 6 : n_train + 12] = emotions[6:12]
faces[20:24] = faces[30]
faces[[40, 50]] = 0
faces[60] = 255
faces[60, 5::6, 4:-4] = np.where(rng.random(40) < 0.5, 40, 255)

# %%
# The labels of 3 % of the faces are wrong, too.
wrong = rng.choice(np.arange(100, n_train), n_samples * 3 // 100, replace=False)
names, codes = np.unique(emotions, return_inverse=True)
emotions[wrong] = names[(codes[wrong] + rng.integers(1, 4, len(wrong))) % 4]

# %%
# Labels are checked with the probabilities of a model that has not seen the image, which the audit
# gets from an estimator by cross-validation. Any classifier will do, the better the more is found;
# this one looks at how strong the edges are in every direction.


def edges(rows: np.ndarray) -> np.ndarray:
    """Average the differences of neighbours in four directions over cells of 4 x 4 pixels."""
    face = np.pad(rows.reshape(-1, 48, 48).astype(np.float32), ((0, 0), (1, 1), (1, 1)), "edge")
    ends = [((2, 1), (0, 1)), ((1, 2), (1, 0)), ((2, 2), (0, 0)), ((2, 0), (0, 2))]
    windows = {(i, j): face[:, i : i + 48, j : j + 48] for i in range(3) for j in range(3)}
    strength = np.stack([np.abs(windows[one] - windows[other]) for one, other in ends], axis=-1)
    return strength.reshape(-1, 12, 4, 12, 4, 4).mean(axis=(2, 4)).reshape(len(face), -1)


estimator = make_pipeline(
    FunctionTransformer(edges), StandardScaler(), LogisticRegression(C=0.01, max_iter=300)
)
audit = audit_images(faces.reshape(n_samples, -1), emotions, groups=groups, estimator=estimator)
print(audit)

# %%
# Each finding says what it means and what to do about it.
finding = audit["near-across-groups"]
print(f"{finding}\n{[images.tolist() for images in finding.groups]}")

# %%
# The images that are likely not to be faces.
audit.plot("non-faces", n_images=8)
plt.show()

# %%
# The labels that are most probably wrong, and what they should be.
# sphinx_gallery_thumbnail_number = 2
audit.plot("label-errors", n_images=16)
plt.show()
found = audit["label-errors"].indices
n_right = np.isin(found[: len(wrong)], wrong).sum()
print(f"of the first {len(wrong)} labels, {n_right} were changed")

# %%
# What to do: pass the suggested weights to `fit`, or keep the images that are worth it. Test images
# keep their weight, so that scores can be compared.
train = np.flatnonzero(groups == "train")
estimator.fit(
    faces[train].reshape(len(train), -1),
    emotions[train],
    logisticregression__sample_weight=audit.sample_weight[train],
)
kept = train[audit.keep[train]]
print(f"keep {len(kept)} of {len(train)} training images")

# %%
# All of it as a table, to be looked through by other means.
print(audit.to_frame().groupby("finding").first())
