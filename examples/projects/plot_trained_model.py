"""
A photo in, an emotion out
==========================

The script around a model file: a network that was trained before is loaded, a face is found in a
photo, cut out and named. ``--photo me.jpg`` takes one of yours.
"""

# %%
import argparse
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
from PIL import Image

from ferclassifier import FERClassifier, load_pretrained, make_faces, predict_photos

parser = argparse.ArgumentParser()
parser.add_argument("--photo")
photo = parser.parse_known_args()[0].photo  # a notebook has arguments of its own
folder = tempfile.TemporaryDirectory()

# %%
# A file as ``save`` writes it holds the network, its classes and the scale of its pixels, and no
# code. A released model stands for one of yours here.
path = Path(folder.name, "model.safetensors")
load_pretrained("compact").save(path)
clf = FERClassifier.load(path)

# %%
# A file of Keras, from an earlier project perhaps, does not say what its columns mean and on which
# scale its pixels were. You do, once.
network = clf.to_keras()  # or keras.models.load_model("model.h5")
same = FERClassifier.from_keras(network, classes=clf.classes_, pixels="bytes")

# %%
# A drawn person in a room, unless there is a photo.
if photo is None:
    photo = Path(folder.name, "photo.png")
    person = Image.fromarray(make_faces(2, n_classes=4, noise=0, random_state=3)[0][0])
    room = Image.new("L", (480, 320), 60)
    room.paste(person.resize((170, 170)), (200, 70))
    room.save(photo)

# %%
# The face is found, and brought to the size and the scale that the network was trained on.
plt.imshow(Image.open(photo).convert("RGB"))
for row in predict_photos(photo, clf):
    print(f"{row['emotion'] or 'no face'}: {row['probability'] or 0:.0%}")
    if row["left"] is not None:
        left, top, right, bottom = (row[side] for side in ("left", "top", "right", "bottom"))
        plt.plot([left, right, right, left, left], [top, top, bottom, bottom, top], "orange")
        plt.text(left, top - 5, f"{row['emotion']} {row['probability']:.0%}", color="orange")
plt.axis("off")
plt.show()
folder.cleanup()
