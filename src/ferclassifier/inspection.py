"""Pictures of what a model knows and where it fails."""

from ferclassifier._face_grid_display import FaceGridDisplay
from ferclassifier._mistakes import most_confident_mistakes
from ferclassifier._overlay import overlay
from ferclassifier._saliency import saliency

__all__ = ["FaceGridDisplay", "most_confident_mistakes", "overlay", "saliency"]
