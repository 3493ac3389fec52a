"""Photos: from what a user names to rows of what their faces show.

`_listing` makes a stream of single photos of files, folders (`_sorted_folder`), patterns and
addresses (`_fetching`). The `_reader` decodes them, cuts out their faces and asks a `_model`, in
this process or in others (`_spreading`), with `_steady_memory`. What comes of it are the `_rows`
that `_predict` yields; they stand in a `_table_set` of `_tables` and `_parquet`, which know what is
`_finished`, and on copies of the photos (`_drawing`). `_crop` writes the faces themselves, into an
`_output_folder` too. Nothing here needs scikit-learn, pandas or TensorFlow.
"""

from ferclassifier.photos._crop import CroppedPhoto, crop_photos
from ferclassifier.photos._predict import predict_photos

__all__ = ["CroppedPhoto", "crop_photos", "predict_photos"]
