"""
A file that needs no TensorFlow
===============================

A fitted classifier becomes an ONNX file, with its scaling, its views and its classes inside, and
answers by NumPy and onnxruntime alone: at once, and from little memory. ``--short`` makes it small.
"""

# %%
import sys
import tempfile
import time
from pathlib import Path

import matplotlib.pyplot as plt
from sklearn.model_selection import train_test_split

from ferclassifier import FERClassifier, OnnxFERClassifier, export_onnx, make_faces

short = "--short" in sys.argv
n_samples, epochs = (120, 1) if short else (800, 8)

X, y = make_faces(n_samples, n_classes=4, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
clf = FERClassifier(epochs=epochs, batch_size=32, random_state=0).fit(X_train, y_train)

# %%
# In float32, and in whole numbers that some training faces calibrate. Both are compared with the
# classifier on the spot: on the faces that are given, or else on noise.
folder = tempfile.TemporaryDirectory()
paths = {name: Path(folder.name, f"{name}.onnx") for name in ("float32", "int8")}
exports = {
    "float32": export_onnx(clf, paths["float32"]),
    "int8": export_onnx(
        clf, paths["int8"], quantize="int8", calibration_images=X_train[: len(X_test)]
    ),
}
for name, export in exports.items():
    print(f"{name}: {export.n_bytes / 1e6:.2f} MB, {export.same_labels:.1%} the same labels")

# %%
# A file is a classifier again, in a process that never loads TensorFlow. It takes and refuses the
# same images, can be scored and put into a Pipeline, and is not fitted.
models = {"Keras": clf} | {name: OnnxFERClassifier(path) for name, path in paths.items()}
scores = {name: model.score(X_test, y_test) for name, model in models.items()}

# %%
# How long one face takes, the best of ten times: the difference is what Keras does around the
# network.
milliseconds = {}
for name, model in models.items():
    seconds = []
    for face in X_test[:10]:
        start = time.perf_counter()
        model.predict(face[None])
        seconds.append(time.perf_counter() - start)
    milliseconds[name] = 1000 * min(seconds)
    print(f"{name}: accuracy {scores[name]:.3f}")

figure, axes = plt.subplots(1, 2, figsize=(8, 2.4), layout="constrained")
for ax, values, form in zip(axes, (scores, milliseconds), ("%.3f", "%.1f"), strict=True):
    ax.bar_label(ax.barh(list(values), list(values.values())), fmt=form, padding=3)
    ax.margins(x=0.25)
    ax.invert_yaxis()
axes[0].set(xlabel="accuracy", xticks=[0, 0.5, 1])
axes[1].set_xlabel("milliseconds for one face")
plt.show()
folder.cleanup()
