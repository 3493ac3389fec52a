"""
From a folder of photos to a tuned model
========================================

Photos of people, in a folder for each emotion: their faces are found and cut out, a released model
learns from them, and a search finds how. ``--short`` makes it small.
"""

# %%
import sys
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline

from ferclassifier import FaceCropper, FERClassifier, detect_faces, make_faces

short = "--short" in sys.argv
n_photos, epochs, n_folds = (24, 1, 2) if short else (300, 6, 3)

# %%
# Drawn people stand in for photos: each somewhere in a picture, near or far, and a little tilted.
rng = np.random.default_rng(0)
folder = tempfile.TemporaryDirectory()
faces, labels = make_faces(n_photos, n_classes=3, random_state=0)
for i, (face, emotion) in enumerate(zip(faces, labels, strict=True)):
    photo = Image.new("L", (480, 360), int(rng.integers(60, 200)))
    side = int(rng.integers(90, 200))
    person = Image.fromarray(face).resize((side, side)).rotate(rng.uniform(-12, 12))
    photo.paste(person, (int(rng.integers(0, 480 - side)), int(rng.integers(0, 360 - side))))
    path = Path(folder.name, emotion, f"{i:03}.jpg")
    path.parent.mkdir(exist_ok=True)
    photo.save(path)

# %%
# The faces of all photos, once: a search would else look for them again in each of its fits. Where
# no face is found, or several are, ``rows`` says which labels go with the crops.
paths = sorted(Path(folder.name).glob("*/*.jpg"))
emotions = np.array([path.parent.name for path in paths])
crops = FaceCropper(on_no_face="skip", largest=True).crop(paths)
print(f"faces in {len(crops.images)} of {len(paths)} photos")
X, y = crops.images, emotions[crops.rows]
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

# %%
# The weights of a released model are where each fit starts.
clf = FERClassifier(initial_weights="compact", epochs=epochs, random_state=0)
grid = {"learning_rate": [0.005] if short else [0.002, 0.005, 0.02]}
search = GridSearchCV(clf, grid, cv=n_folds).fit(X_train, y_train)
print(f"best: {search.best_params_}, accuracy {search.best_score_:.2f} in cross-validation")
print(f"accuracy on faces not seen: {search.score(X_test, y_test):.2f}")

# %%
# With the cropper in front, the model takes photos.
model = make_pipeline(FaceCropper(largest=True), search.best_estimator_)
shown = [paths[row] for row in crops.rows[:: len(crops.rows) // 4][:4]]
figure, axes = plt.subplots(2, 4, figsize=(9, 4), layout="constrained")
for (above, below), path, answer in zip(axes.T, shown, model.predict(shown), strict=True):
    above.imshow(Image.open(path), cmap="gray", vmin=0, vmax=255)
    for left, top, right, bottom in detect_faces(path).boxes:
        above.plot([left, right, right, left, left], [top, top, bottom, bottom, top], "orange")
    below.imshow(model[0].transform([path])[0], cmap="gray", vmin=0, vmax=255)
    below.set_title(answer)
    above.set_axis_off()
    below.set_axis_off()
plt.show()
folder.cleanup()
