"""Pictures of what a model knows and where it fails.

The displays are in `_plot`. Where a classifier looks is found in `_saliency`, by gradients or
occlusion, and painted by `_overlay`; `_mistakes` are the ones that it is surest of. `_pipelines`
finds the classifier inside of pipelines and searches, `_predictions` asks it, `_pictures` shows
what it is given, and `_class_names` says what to call its classes.
"""

from ferclassifier.inspection._mistakes import most_confident_mistakes
from ferclassifier.inspection._overlay import overlay
from ferclassifier.inspection._plot.class_distribution import ClassDistributionDisplay
from ferclassifier.inspection._plot.coverage import CoverageDisplay
from ferclassifier.inspection._plot.face_grid import FaceGridDisplay
from ferclassifier.inspection._plot.misclassified import MisclassifiedDisplay
from ferclassifier.inspection._plot.reliability import ReliabilityDisplay
from ferclassifier.inspection._plot.saliency import SaliencyDisplay
from ferclassifier.inspection._plot.training_curves import TrainingCurvesDisplay
from ferclassifier.inspection._saliency import saliency

__all__ = [
    "ClassDistributionDisplay",
    "CoverageDisplay",
    "FaceGridDisplay",
    "MisclassifiedDisplay",
    "ReliabilityDisplay",
    "SaliencyDisplay",
    "TrainingCurvesDisplay",
    "most_confident_mistakes",
    "overlay",
    "saliency",
]
