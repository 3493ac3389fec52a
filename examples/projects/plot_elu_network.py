"""
The network with exponential linear units
=========================================

The notebook that is copied most: six convolutions with ELU, Adam, batches of 32, 92 epochs on nine
tenths of Training. The other tenth chooses the epoch, and its accuracy is what is published.
``--data fer2013.csv`` does so, and has beside it the score on images that have chosen nothing.
"""

# %%
import argparse

import matplotlib.pyplot as plt
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split

from ferclassifier import FERClassifier, load_fer2013, make_faces
from ferclassifier.inspection import TrainingCurvesDisplay

parser = argparse.ArgumentParser()
parser.add_argument("--data", help="FER-2013 as CSV, folder or archive")
data = parser.parse_known_args()[0].data  # a notebook has arguments of its own
if data:
    train, test = (load_fer2013(data, subset=part) for part in ("train", "validation"))
    X, y, X_test, y_test = train.images, train.target, test.images, test.target
    widths, epochs = (64, 128, 256), 92
else:
    X, X_test, y, y_test = train_test_split(*make_faces(700, random_state=0), random_state=0)
    widths, epochs = (16, 32, 64), 8

# %%
X, X_val, y, y_val = train_test_split(X, y, test_size=0.1, stratify=y, random_state=0)
clf = FERClassifier(
    "elu_cnn",
    architecture_params={"filters": widths},
    optimizer="adam",
    learning_rate_schedule="plateau",
    batch_size=32,
    epochs=epochs,
    early_stopping=True,
    patience=epochs,
    label_smoothing=0.0,
    weight_decay=0.0,
    random_state=0,
).fit(X, y, X_val=X_val, y_val=y_val)
TrainingCurvesDisplay.from_estimator(clf)
plt.show()

# %%
# The tenth is scored with the epoch that suits it best. The test is not, and is the score to tell.
parts = {"the tenth that chose the epoch": (X_val, y_val), "the test": (X_test, y_test)}
for name, (images, labels) in parts.items():
    predicted = clf.predict(images)
    macro = f1_score(labels, predicted, average="macro")
    print(f"{name}: accuracy {(predicted == labels).mean():.3f}, macro-F1 {macro:.3f}")
