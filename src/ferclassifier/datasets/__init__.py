"""Fetching and reading FER-2013, reading one's own folders of faces, and drawing faces.

`_fer2013` comes from `_kaggle`, in one of the `_fer2013_forms`: a CSV file (`_fer2013_csv`) or
folders (`_fer2013_tree`), and `_published_counts` tell whether it is whole. Any folder or zip
archive is a `_file_tree`; what is read becomes `_samples` and then a Bunch, and what cannot be read
goes to `_bad_items`. `_image_folder` is for other classes than FER-2013's, and `_drawing` draws
the faces of `_make_faces`.
"""

from ferclassifier._utils.emotions import EMOTIONS
from ferclassifier.datasets._fer2013 import fetch_fer2013, load_fer2013
from ferclassifier.datasets._image_folder import load_image_folder
from ferclassifier.datasets._make_faces import make_faces

__all__ = ["EMOTIONS", "fetch_fer2013", "load_fer2013", "load_image_folder", "make_faces"]
