"""Images that probably show no face, as far as that can be told without a face detector."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from ferclassifier._audited import Audited
from ferclassifier._finding import Finding, count

# How many images it takes to learn what a face looks like.
MIN_IMAGES = 500
_N_COMPONENTS = 80
_FAR = 5.0


def find_non_faces(audited: Audited, is_visible: NDArray[np.bool_]) -> Finding:
    """Find images that look unlike the others."""
    seen = np.flatnonzero(is_visible)
    scores = _reconstruction_errors(audited.gray[seen])
    median = np.median(scores)
    far = np.median(np.abs(scores - median)) * _FAR / 0.6745
    order = np.argsort(-scores, kind="stable")
    strange = order[scores[order] > median + far]
    return Finding(
        kind="non-faces",
        title="Images that perhaps show no face",
        explanation=f"{count(len(strange), 'image')} look unlike the others.",
        indices=seen[strange],
        scores=scores[strange],
        score_name="reconstruction error",
    )


def _reconstruction_errors(gray: NDArray[np.uint8]) -> NDArray[np.float64]:
    small = gray[:, ::2, ::2].reshape(len(gray), -1).astype(np.float32)
    small -= small.mean(axis=1, keepdims=True)
    small /= np.maximum(small.std(axis=1, keepdims=True), 1)
    pca = PCA(min(_N_COMPONENTS, small.shape[1]), random_state=0).fit(small)
    rest = small - pca.inverse_transform(pca.transform(small))
    errors: NDArray[np.float64] = np.square(rest).mean(axis=1)
    return errors
