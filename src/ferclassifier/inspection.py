"""Pictures of what a model knows and where it fails."""

from ferclassifier._class_distribution_display import ClassDistributionDisplay
from ferclassifier._coverage_display import CoverageDisplay
from ferclassifier._face_grid_display import FaceGridDisplay
from ferclassifier._misclassified_display import MisclassifiedDisplay
from ferclassifier._mistakes import most_confident_mistakes
from ferclassifier._overlay import overlay
from ferclassifier._reliability_display import ReliabilityDisplay
from ferclassifier._saliency import saliency
from ferclassifier._saliency_display import SaliencyDisplay
from ferclassifier._training_curves_display import TrainingCurvesDisplay

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
