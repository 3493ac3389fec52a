"""
A grid of architectures and learning rates
==========================================

What a network is made of and how it is trained are parameters like any other, so that GridSearchCV
tries them out. ``--short`` makes it small.
"""

# %%
import sys

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.model_selection import GridSearchCV

from ferclassifier import FERClassifier, make_faces

short = "--short" in sys.argv
n_samples, epochs = (24, 1) if short else (900, 6)
X, y = make_faces(n_samples, n_classes=4, random_state=0)

# %%
# Every combination is fitted on two thirds of the faces and scored on the rest, three times.
# ``n_jobs=2`` would fit two at a time in processes of their own, and divide the cores between them.
grid = {
    "architecture": ["small_resnet", "gap_cnn"],
    "learning_rate": [0.04, 0.12, 0.36],
}
search = GridSearchCV(FERClassifier(epochs=epochs, random_state=0), grid, cv=3, refit=False)

# %%
# From scikit-learn 1.9 on, a progress bar shows the search, the fits in it, and their epochs.
try:
    from sklearn.callback import ProgressBar
except ImportError:
    pass
else:
    search.set_callbacks(ProgressBar())
search.fit(X, y)

# %%
results = pd.DataFrame(search.cv_results_)
columns = ["param_architecture", "param_learning_rate", "mean_test_score", "std_test_score"]
print(results.sort_values("rank_test_score")[columns].to_string(index=False))

# %%
table = results.pivot_table(
    index="param_architecture", columns="param_learning_rate", values="mean_test_score"
)
figure, ax = plt.subplots(figsize=(6, 2.6), layout="constrained")
image = ax.imshow(table, cmap="viridis", aspect="auto")
ax.set_xticks(range(table.shape[1]), table.columns)
ax.set_yticks(range(table.shape[0]), table.index)
ax.set(xlabel="learning rate", title="mean accuracy of three folds")
middle = (table.to_numpy().min() + table.to_numpy().max()) / 2
for (row, column), score in np.ndenumerate(table.to_numpy()):
    color = "white" if score < middle else "black"
    ax.text(column, row, f"{score:.2f}", ha="center", va="center", color=color)
figure.colorbar(image)
plt.show()
