"""
Folders, class weights and early stopping
=========================================

The folders of Kaggle, ``train/happy/*.jpg`` beside ``test/happy/*.jpg``, or a zip of them; weights
for the rare classes; a rate that falls where the loss stands still, and a stop where the accuracy
does. ``--data PATH``, of the folder, of the zip or of ``fer2013.csv``, does so with FER-2013.
"""

# %%
import argparse
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
from PIL import Image
from sklearn.metrics import classification_report
from sklearn.model_selection import train_test_split

from ferclassifier import FERClassifier, load_fer2013, make_faces
from ferclassifier.inspection import ClassDistributionDisplay, TrainingCurvesDisplay

folder = tempfile.TemporaryDirectory()
parser = argparse.ArgumentParser()
parser.add_argument("--data", help="FER-2013 as folder, archive or CSV")
data = parser.parse_known_args()[0].data  # a notebook has arguments of its own
epochs, batch_size = (60, 64) if data else (12, 16)
if not data:
    data, drawn = folder.name, make_faces(600, n_classes=4, random_state=0)
    for i, (face, emotion) in enumerate(zip(*drawn, strict=True)):
        part = "PublicTest" if i % 5 == 0 else "train"
        path = Path(data, part, emotion, f"{i}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        if emotion != "disgust" or i % 4 == 0:
            Image.fromarray(face).save(path)

# %%
# A folder and a file are read alike, and need no generator.
train = load_fer2013(data, subset="train")
ClassDistributionDisplay.from_labels(train.target)
plt.show()

# %%
# The tenth that stops the fit is taken from training, since a test that did would be none.
X, X_val, y, y_val = train_test_split(
    train.images, train.target, test_size=0.1, stratify=train.target, random_state=0
)
settings = {"optimizer": "adam", "learning_rate_schedule": "plateau", "augmentation": "light"}
network = {"architecture": "gap_cnn", "architecture_params": {"filters": (32, 64, 128, 256)}}
clf = FERClassifier(**network, **settings, batch_size=batch_size, epochs=epochs, random_state=0)
clf.set_params(class_weight="balanced", early_stopping=True, label_smoothing=0, weight_decay=0)
clf.fit(X, y, X_val=X_val, y_val=y_val)
TrainingCurvesDisplay.from_estimator(clf)
plt.show()

# %%
test = load_fer2013(data, subset="validation")
print(classification_report(test.target, clf.predict(test.images), zero_division=0))
folder.cleanup()
