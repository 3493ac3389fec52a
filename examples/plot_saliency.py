"""
Where a model looks
===================

What in a face speaks for an answer, by three methods: the maps of the last convolutions, gradients
of the pixels, and patches that are covered. The last takes any classifier. ``--short`` makes it
small.
"""

# %%
import sys

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from ferclassifier import FERClassifier, make_faces
from ferclassifier.inspection import SaliencyDisplay, saliency

short = "--short" in sys.argv
n_samples, epochs = (120, 1) if short else (800, 8)

X, y = make_faces(n_samples, n_classes=4, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
clf = FERClassifier(epochs=epochs, batch_size=32, random_state=0).fit(X_train, y_train)

# %%
# What speaks for the class that is predicted.
shown, labels = X_test[:8], y_test[:8]
for method in ("gradcam", "gradient", "occlusion"):
    display = SaliencyDisplay.from_estimator(clf, shown, labels, method=method)
    display.figure_.suptitle(method)
plt.show()

# %%
# What speaks for another one: for fear, whatever the face shows.
SaliencyDisplay.from_estimator(clf, shown, labels, method="occlusion", target="fear")
plt.show()

# %%
# Maps are arrays in [0, 1], which can be averaged: the part of the face that each emotion is told
# by, beside what a linear model looks at, which knows of pixels at their places alone.
rows = FunctionTransformer(lambda images: images.reshape(len(images), -1) / 255)
linear = make_pipeline(rows, LogisticRegression(C=0.001, max_iter=500)).fit(X_train, y_train)
# sphinx_gallery_thumbnail_number = 5
figure, axes = plt.subplots(2, 4, figsize=(8, 4.4), layout="constrained")
for row, (name, model) in zip(axes, {"network": clf, "linear": linear}.items(), strict=True):
    for ax, emotion in zip(row, clf.classes_, strict=True):
        faces = X_test[y_test == emotion][:6]
        ax.imshow(faces.mean(axis=0), cmap="gray")
        brightness = saliency(model, faces, method="occlusion").mean(axis=0)
        ax.imshow(brightness, cmap="hot", alpha=0.5)
        y_place, x_place = np.unravel_index(brightness.argmax(), brightness.shape)
        print(f"{name}: {emotion} is brightest at row {y_place}, column {x_place}")
        ax.set_title(f"{name}: {emotion}")
        ax.set_axis_off()
plt.show()
