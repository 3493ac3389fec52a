"""Faces in photos: where they are, and crops of them for a classifier.

`_detector` finds them, by `_search` or by a function of the user's own. The search looks with
MediaPipe's networks, `_network`, whose files are in `models/`, at `_tiles` of the photo at several
sizes, and closely at what they find; `_suppression` makes one of several detections of a face. What
was found is in `_faces`. `_frames` says where in its photo a crop lies that is framed as those of
FER-2013, `_crops` cuts it out, and `_face_cropper` does so as a step of a Pipeline. None but the
last needs scikit-learn: `_late` loads it when it is asked for.
"""

from ferclassifier.faces._detector import detect_faces
from ferclassifier.faces._faces import LANDMARKS, Face, Faces
from ferclassifier.faces._late import __getattr__

__all__ = ["LANDMARKS", "Face", "FaceCropper", "FaceCrops", "Faces", "__getattr__", "detect_faces"]
