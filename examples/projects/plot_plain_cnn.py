"""
A CSV file, one-hot labels and a plain CNN
==========================================

Where many begin: read ``fer2013.csv`` by pandas, train a network of one's own for 50 epochs, and
look at a confusion matrix. ``--data fer2013.csv`` does so with FER-2013.
"""

# %%
import argparse

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import train_test_split

from ferclassifier import EMOTIONS, FERClassifier, make_faces

parser = argparse.ArgumentParser()
parser.add_argument("--data", help="fer2013.csv")
data = parser.parse_known_args()[0].data  # a notebook has arguments of its own
if data:
    table, epochs = pd.read_csv(data).query("Usage == 'Training'"), 50
else:
    faces, names = make_faces(600, random_state=0)
    table, epochs = pd.DataFrame({"emotion": [EMOTIONS.index(name) for name in names]}), 8
    table["pixels"] = [" ".join(map(str, face.ravel())) for face in faces]

# %%
# The texts of pixels are taken as they stand; one-hot labels are turned back into names.
one_hot = pd.get_dummies(table["emotion"]).to_numpy()
y = np.array(EMOTIONS)[one_hot.argmax(axis=1)]
X_train, X_val, y_train, y_val = train_test_split(
    table["pixels"], y, test_size=0.1, stratify=y, random_state=0
)


def plain_cnn(x, n_classes):
    """Build three convolutions with poolings, and two dense layers."""
    from keras import layers

    for filters in (32, 64, 128):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Dense(128, activation="relu")(layers.Flatten()(x))
    return layers.Dense(n_classes, activation="softmax")(layers.Dropout(0.5)(x))


settings = {"optimizer": "adam", "learning_rate_schedule": "constant", "augmentation": None}
clf = FERClassifier(plain_cnn, batch_size=64, epochs=epochs, random_state=0, **settings)
clf.set_params(label_smoothing=0, weight_decay=0)
clf.fit(X_train, y_train, X_val=X_val, y_val=y_val)
print(f"accuracy on the tenth: {clf.score(X_val, y_val):.3f}")

# %%
_, ax = plt.subplots(layout="constrained")
ConfusionMatrixDisplay.from_estimator(clf, X_val, y_val, xticks_rotation=45, ax=ax)
plt.show()
