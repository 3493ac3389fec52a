"""
Probabilities that mean what they say
=====================================

Of the faces that a model calls sad with a probability of 0.8, eight in ten should be sad.
``CalibratedClassifierCV(method="temperature")`` finds the one number that brings them there, on
faces that the network has not seen. ``--short`` makes it small.
"""

# %%
import sys

import matplotlib.pyplot as plt
import numpy as np
from sklearn.calibration import CalibratedClassifierCV, calibration_curve
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from ferclassifier import FERClassifier, make_faces

short = "--short" in sys.argv
n_samples, epochs = (150, 1) if short else (3000, 12)

# %%
# Three parts: to train on, to calibrate on, and to test on. Noise makes some faces hard to tell.
X, y = make_faces(n_samples, noise=1.0, random_state=0)
X_train, X_rest, y_train, y_rest = train_test_split(X, y, stratify=y, test_size=0.6, random_state=0)
X_held, X_test, y_held, y_test = train_test_split(
    X_rest, y_rest, stratify=y_rest, test_size=0.6, random_state=0
)

# %%
# Label smoothing keeps the network from being sure, and training for long makes it too sure. A
# frozen estimator is not fitted again.
clf = FERClassifier(epochs=epochs, random_state=0).fit(X_train, y_train)
calibrated = CalibratedClassifierCV(FrozenEstimator(clf), method="temperature")
calibrated.fit(X_held, y_held)
temperature = 1 / calibrated.calibrated_classifiers_[0].calibrators[0].beta_
print(f"temperature: {temperature:.2f}")
changed = (calibrated.predict(X_test) != clf.predict(X_test)).mean()
print(f"labels that change: {changed:.1%}")  # a temperature keeps the order of the probabilities

# %%
# Confidence against accuracy: on the diagonal they are equal.
figure, ax = plt.subplots(figsize=(4.5, 4.5), layout="constrained")
ax.plot([0, 1], [0, 1], ":", color="gray")
for name, model in {"as trained": clf, "calibrated": calibrated}.items():
    proba = model.predict_proba(X_test).astype(np.float64)
    proba /= proba.sum(axis=1, keepdims=True)  # 1 in float32 is not yet 1 to log_loss
    is_right = model.classes_[proba.argmax(axis=1)] == y_test
    accuracy, confidence = calibration_curve(is_right, proba.max(axis=1), n_bins=8)
    loss = log_loss(y_test, proba, labels=model.classes_)
    ax.plot(confidence, accuracy, "o-", label=f"{name}: log-loss {loss:.3f}")
    gap = abs(is_right.mean() - proba.max(axis=1).mean())
    print(f"{name}: log-loss {loss:.3f}, mean confidence and accuracy differ by {gap:.3f}")
ax.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1), ylim=(0, 1))
ax.legend()
plt.show()
