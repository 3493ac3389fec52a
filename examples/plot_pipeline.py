"""
A Pipeline from files to labels
===============================

Image files of any size are read, their contrast is evened out, the pixels are scaled, and a network
learns from them: one estimator, which takes paths and returns labels. ``--short`` makes it small.
"""

# %%
import sys
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
from PIL import Image
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from ferclassifier import (
    FERClassifier,
    HistogramEqualizer,
    ImageReader,
    PixelScaler,
    make_faces,
)
from ferclassifier.exceptions import PixelScaleError

short = "--short" in sys.argv
n_samples, epochs = (80, 1) if short else (1500, 10)

# %%
# Drawn faces stand in for photos: files in a folder, of twice the size that the network takes.
faces, labels = make_faces(n_samples, random_state=0)
folder = tempfile.TemporaryDirectory()
paths = []
for i, face in enumerate(faces):
    paths.append(Path(folder.name, f"{i:04}.png"))
    Image.fromarray(face).resize((96, 96)).save(paths[-1])
paths_train, paths_test, y_train, y_test = train_test_split(
    paths, labels, stratify=labels, random_state=0
)

# %%
# The steps of the Pipeline hand on arrays of images; each learns from the training files only.
model = make_pipeline(
    ImageReader(size=(48, 48)),
    HistogramEqualizer("clahe"),
    PixelScaler("standard"),
    FERClassifier(epochs=epochs, random_state=0),
)
model.fit(paths_train, y_train)
print(f"accuracy on faces not seen: {model.score(paths_test, y_test):.2f}")

# %%
# What the network sees of a face: as it was read, equalised, and as the label that comes out.
read = model[:1].transform(paths_test[:6])
equalised = model[:2].transform(paths_test[:6])
figure, axes = plt.subplots(2, 6, figsize=(9, 3.4), layout="constrained")
for ax, image in zip(axes.flat, [*read, *equalised], strict=True):
    ax.imshow(image, cmap="gray", vmin=0, vmax=255)
    ax.set_axis_off()
for ax, label in zip(axes[0], model.predict(paths_test[:6]), strict=True):
    ax.set_title(label)
figure.suptitle("as read, and equalised")
plt.show()

# %%
# The classifier alone expects what it saw in training. Bytes are another scale, and an error that
# names both.
try:
    model[-1].predict(read)
except PixelScaleError as error:
    print(error)

# %%
# A step of scikit-learn's own can take a step's place. It needs rows, which every step here takes
# as well as images.
swapped = make_pipeline(
    ImageReader(size=(48, 48)),
    FunctionTransformer(lambda X: X.reshape(len(X), -1)),
    StandardScaler(),
    FERClassifier(epochs=epochs, random_state=0),
)
print(f"with StandardScaler: {swapped.fit(paths_train, y_train).score(paths_test, y_test):.2f}")
folder.cleanup()
