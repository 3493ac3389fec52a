"""
A walk from the data to the mistakes
====================================

What a course shows of deep learning: the data and how many faces of each class there are, some of
them, a training and its curves, the confusion matrix, and the faces that were mistaken.
``--data fer2013.csv`` takes the walk through FER-2013, with a default fit.
"""

# %%
import argparse

import matplotlib.pyplot as plt
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import train_test_split

from ferclassifier import FERClassifier, load_fer2013, make_faces
from ferclassifier.inspection import (
    ClassDistributionDisplay,
    FaceGridDisplay,
    MisclassifiedDisplay,
    TrainingCurvesDisplay,
)

parser = argparse.ArgumentParser()
parser.add_argument("--data", help="FER-2013 as CSV, folder or archive")
data = parser.parse_known_args()[0].data  # a notebook has arguments of its own
if data:
    train, test = (load_fer2013(data, subset=part) for part in ("train", "validation"))
    X, y, X_test, y_test, epochs = train.images, train.target, test.images, test.target, 28
else:
    faces, emotions = make_faces(900, n_classes=4, random_state=0)
    X, X_test, y, y_test, epochs = *train_test_split(faces, emotions, random_state=0), 10

# %%
# The data, before anything is trained: how many, and what they look like.
print(X.shape, X.dtype, X.min(), X.max())
ClassDistributionDisplay.from_labels(y)
# sphinx_gallery_thumbnail_number = 2
FaceGridDisplay.from_images(X, y, n_faces=8 * len(set(y)), balanced=True, random_state=0)
plt.show()

# %%
# The training.
clf = FERClassifier(epochs=epochs, random_state=0).fit(X, y)
TrainingCurvesDisplay.from_estimator(clf)
plt.show()

# %%
# What it confuses, on faces that it has not seen.
print(f"accuracy: {clf.score(X_test, y_test):.3f}")
_, ax = plt.subplots(layout="constrained")
ConfusionMatrixDisplay.from_estimator(clf, X_test, y_test, xticks_rotation=45, ax=ax)
plt.show()

# %%
# The mistakes that it is surest of. Of FER-2013's, many are mistakes of the labels.
MisclassifiedDisplay.from_estimator(clf, X_test, y_test, n_faces=12, n_columns=6)
plt.show()
