"""
Looking at a model
==================

What a model was trained on, how its training went, where it is wrong and how sure of it, and where
in a face it looks. Every display takes any scikit-learn classifier on images. ``--short`` makes it
small.
"""

# %%
import sys

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from ferclassifier import FERClassifier, make_faces
from ferclassifier.inspection import (
    ClassDistributionDisplay,
    FaceGridDisplay,
    MisclassifiedDisplay,
    ReliabilityDisplay,
    TrainingCurvesDisplay,
    most_confident_mistakes,
)

short = "--short" in sys.argv
n_samples, epochs = (140, 1) if short else (3000, 12)

# %%
# The data: some faces of each class, and how many of them there are. Noise makes some hard to tell.
faces, y = make_faces(n_samples, noise=0.6, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(
    faces, y, stratify=y, test_size=0.4, random_state=0
)
FaceGridDisplay.from_images(X_train, y_train, n_faces=56, balanced=True, random_state=0)
groups = np.repeat(["train", "test"], [len(y_train), len(y_test)])
ClassDistributionDisplay.from_labels(np.concatenate([y_train, y_test]), groups=groups)
plt.show()

# %%
# The training. With ``early_stopping`` a part is held out, and the best epoch is marked.
clf = FERClassifier(epochs=epochs, early_stopping=True, random_state=0).fit(X_train, y_train)
TrainingCurvesDisplay.from_estimator(clf)
plt.show()

# %%
# What it predicts. A thin frame stands for right, a thick, dashed one for wrong.
FaceGridDisplay.from_estimator(clf, X_test, y_test, random_state=0)
plt.show()

# %%
# Where it fails: scikit-learn's confusion matrix, the classes that are predicted too often or too
# seldom, and the mistakes that the model is surest of, with what speaks for them.
figure, ax = plt.subplots(layout="constrained")
ConfusionMatrixDisplay.from_estimator(clf, X_test, y_test, xticks_rotation=45, ax=ax)
ClassDistributionDisplay.from_estimator(clf, X_test, y_test)
mistakes = MisclassifiedDisplay.from_estimator(clf, X_test, y_test, n_faces=16, saliency="gradcam")
plt.show()

# %%
# The same choice as positions in the data, here of one pair of classes.
proba = clf.predict_proba(X_test)
indices = most_confident_mistakes(y_test, proba, classes=clf.classes_, true="fear", n=5)
for i in indices:
    print(f"face {i}: fear, taken for {clf.classes_[proba[i].argmax()]} at {proba[i].max():.0%}")

# %%
# Whether its probabilities mean what they say, beside another classifier's. That one takes rows of
# numbers in [0, 1], and the step before it makes them.
rows = FunctionTransformer(lambda X: X.reshape(len(X), -1) / 255)
linear = make_pipeline(rows, LogisticRegression(C=0.001, max_iter=500)).fit(X_train, y_train)
display = ReliabilityDisplay.from_estimator(clf, X_test, y_test)
ReliabilityDisplay.from_estimator(linear, X_test, y_test, name="linear", ax=display.axes_)
plt.show()

# %%
# Displays also draw into axes of yours.
figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for ax, (name, model) in zip(axes, {"FERClassifier": clf, "linear": linear}.items(), strict=True):
    MisclassifiedDisplay.from_estimator(model, X_test, y_test, n_faces=8, n_columns=4, ax=ax)
    ax.set_title(f"{name}: {1 - model.score(X_test, y_test):.0%} are mistaken")
    print(f"{name}: accuracy {model.score(X_test, y_test):.2f}")
plt.show()
