"""
Start here
==========

From nothing to a classifier of your own, in a few minutes: faces, a training, what it is worth, a
file, and a model that was trained before. Nothing is downloaded.
"""

# %%
# Drawn faces are enough to try all of it. FER-2013 is read by ``load_fer2013("fer2013.csv")``, and
# a folder for each class of yours by ``load_image_folder("photos")``.
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
from sklearn.model_selection import train_test_split

from ferclassifier import FERClassifier, load_pretrained, make_faces
from ferclassifier.inspection import FaceGridDisplay, TrainingCurvesDisplay
from ferclassifier.metrics import emotion_report

X, y = make_faces(1000, n_classes=4, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
X.shape, X.dtype, sorted(set(y.tolist()))

# %%
# Images are arrays of bytes, and labels are names: no scaling, and nothing one-hot. The classifier
# is an estimator of scikit-learn, which ``Pipeline``, ``cross_val_score`` and ``GridSearchCV`` take
# as any other.
clf = FERClassifier(epochs=10, random_state=0, verbose=1)
clf.fit(X_train, y_train)

# %%
# How the training went.
TrainingCurvesDisplay.from_estimator(clf)
plt.show()

# %%
# What it is worth, on faces that it has not seen: accuracy with its interval, each class, how far
# its probabilities can be trusted, and which test images were among those of training.
proba = clf.predict_proba(X_test)
emotion_report(y_test, proba, classes=clf.classes_, images=X_test, train_images=X_train)

# %%
# What it answers. A thin frame stands for right, a thick, dashed one for wrong.
FaceGridDisplay.from_estimator(clf, X_test, y_test, n_faces=16, random_state=0)
plt.show()

# %%
# A file that holds no code, and the same classifier again.
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "clf.safetensors")
    clf.save(path)
    clf = FERClassifier.load(path)
clf.predict(X_test[:5])

# %%
# Models that were trained on FER-2013 come with the package. ``plus`` is for photographs;
# ``model_card("plus")`` tells how it came about and where it fails. Paths of files are taken as
# well as arrays.
plus = load_pretrained("plus")
plus.predict(X_test[:5])
