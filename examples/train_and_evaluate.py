"""
Train, evaluate and keep a classifier
=====================================

Draws faces, or reads FER-2013 where its path is given, trains the default network and looks at
what it confuses::

    python examples/train_and_evaluate.py
    python examples/train_and_evaluate.py --data fer2013.csv --epochs 28
"""

# %%
import argparse

import joblib
from sklearn.metrics import classification_report, confusion_matrix
from sklearn.model_selection import train_test_split

from ferclassifier import FERClassifier, load_fer2013, make_faces

parser = argparse.ArgumentParser()
parser.add_argument("--data", help="FER-2013 as CSV, folder or archive")
parser.add_argument("--samples", type=int, default=3000, help="faces to draw")
parser.add_argument("--epochs", type=int, default=12)
parser.add_argument("--output", default="clf.joblib")
args = parser.parse_known_args()[0]  # a notebook has arguments of its own

# %%
# The images are bytes of shape (n, 48, 48); the labels are the emotions' names.
if args.data:
    train, test = (load_fer2013(args.data, subset=s) for s in ("train", "validation"))
    X, X_test = train.images, test.images
    y, y_test = train.target, test.target
else:
    faces, emotions = make_faces(args.samples, random_state=0)
    X, X_test, y, y_test = train_test_split(
        faces, emotions, test_size=0.25, stratify=emotions, random_state=0
    )

# %%
clf = FERClassifier(epochs=args.epochs, random_state=0, verbose=1).fit(X, y)
predicted = clf.predict(X_test)
print(classification_report(y_test, predicted, zero_division=0))
print(clf.classes_)
print(confusion_matrix(y_test, predicted, labels=clf.classes_))

# %%
# The three least certain answers.
proba = clf.predict_proba(X_test)
for i in proba.max(axis=1).argsort()[:3]:
    first, second = proba[i].argsort()[::-1][:2]
    print(
        f"{y_test[i]}: {clf.classes_[first]} {proba[i, first]:.2f}, "
        f"{clf.classes_[second]} {proba[i, second]:.2f}"
    )

# %%
# Loading a joblib file runs code: load only what you trust.
joblib.dump(clf, args.output)
assert (joblib.load(args.output).predict(X_test[:10]) == predicted[:10]).all()
