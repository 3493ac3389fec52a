"""Images of stripes, and labels of which some are wrong, for tests of reports."""

from __future__ import annotations

import numpy as np

from helpers import patterns

NAMES = ["rows", "columns", "plain"]
X, Y = patterns(60, seed=1)
ROWS = X.reshape(60, -1)
# A fifth of the labels is wrong, so that there are mistakes.
WRONG = np.where(np.arange(60) % 5 == 0, (Y + 1) % 3, Y)
