"""
DataFrames in and out
=====================

A table has a column with the paths of photos beside other columns, or a column for every pixel.
Both can be fitted, and predictions become a table again. ``--short`` makes it small.
"""

# %%
import sys
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from PIL import Image
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from ferclassifier import FERClassifier, ImageReader, PixelScaler, make_faces

short = "--short" in sys.argv
n_samples, epochs = (80, 1) if short else (800, 8)

# %%
# A table of files and what else is known of them.
faces, emotions = make_faces(n_samples, n_classes=4, random_state=0)
folder = tempfile.TemporaryDirectory()
table = pd.DataFrame(
    {
        "path": [str(Path(folder.name, f"{i:04}.png")) for i in range(n_samples)],
        "hour": np.random.default_rng(0).integers(0, 24, n_samples),
        "emotion": emotions,
    }
)
for path, face in zip(table["path"], faces, strict=True):
    Image.fromarray(face).save(path)
train, test = train_test_split(table, stratify=table["emotion"], random_state=0)
print(train.head(3))

# %%
# The column of paths is all that the network needs. The files are decoded while it trains, so that
# there may be more of them than fit into memory.
clf = FERClassifier(epochs=epochs, random_state=0).fit(train["path"], train["emotion"])
proba = pd.DataFrame(clf.predict_proba(test["path"]), columns=clf.classes_, index=test.index)
answers = pd.DataFrame(
    {"emotion": test["emotion"], "predicted": proba.idxmax(axis=1), "sure": proba.max(axis=1)}
)
print(answers.head(), f"\naccuracy: {(answers['emotion'] == answers['predicted']).mean():.2f}")

# %%
# In a ColumnTransformer the pixels stand beside the other columns, here for a gradient boosting
# that wants small pictures.
columns = make_column_transformer(
    (ImageReader(size=(8, 8), as_rows=True), ["path"]),
    ("passthrough", ["hour"]),
    verbose_feature_names_out=False,
).set_output(transform="pandas")
print(columns.fit_transform(train).iloc[:3, [0, 1, -2, -1]])
boosting = make_pipeline(columns, HistGradientBoostingClassifier(max_iter=30, random_state=0))
boosting.fit(train, train["emotion"])
print(f"gradient boosting: {boosting.score(test, test['emotion']):.2f}")

# %%
# Rows of pixels stay a DataFrame with its names.
pixels = pd.DataFrame(faces.reshape(n_samples, -1)).add_prefix("pixel")
scaled = PixelScaler("unit").set_output(transform="pandas").fit_transform(pixels)
print(scaled.iloc[:2, :4])

# %%
mean_face = scaled.groupby(table["emotion"]).mean()
figure, axes = plt.subplots(1, len(mean_face), figsize=(8, 2.3), layout="constrained")
for ax, (emotion, row) in zip(axes, mean_face.iterrows(), strict=True):
    ax.imshow(row.to_numpy().reshape(48, 48), cmap="gray")
    ax.set_title(emotion)
    ax.set_axis_off()
figure.suptitle("the mean face of each emotion")
plt.show()
folder.cleanup()
