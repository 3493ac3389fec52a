"""Fetching and reading FER-2013, reading one's own folders of faces, and drawing faces.

`_fer2013` comes from `_kaggle`, in one of the `_fer2013_forms`: CSV files (`_fer2013_csv`), of
which `_csv_lines` are read, and DataFrames (`_fer2013_frame`), which are `_fer2013_rows`, or
folders (`_fer2013_tree`), whose `_splits` have many names. `_published_counts` tell whether it is
whole. `_ferplus` joins it with the `_votes` of ten people, from a `_votes_table`. `_image_folder`
is for other classes than FER-2013's, and `_drawing` draws the faces of `_make_faces`.

`_containers` open what is at a path, by its content (`_file_kinds`): a folder is a `_file_tree`,
as are the `_zip_archive` and the `_tar_archive`, whose `_member_names` are brought to one form;
what is packed is unpacked in `_streams`, by `_xz` among others. `_image_files` says which files of
a tree are images. What is read becomes `_samples` and then an `_image_bunch`, and what cannot be
read goes to `_bad_items`.
"""

from ferclassifier._utils.emotions import EMOTIONS
from ferclassifier.datasets._fer2013 import fetch_fer2013, load_fer2013
from ferclassifier.datasets._ferplus import load_ferplus
from ferclassifier.datasets._image_folder import load_image_folder
from ferclassifier.datasets._make_faces import make_faces

__all__ = [
    "EMOTIONS",
    "fetch_fer2013",
    "load_fer2013",
    "load_ferplus",
    "load_image_folder",
    "make_faces",
]
