"""What is wrong with images and their labels, found before a model learns it.

`_audit_images` runs the checks on what `_audited` has made of the input, and returns an
`_image_audit` of `_finding`s. The checks are `_image_faults`, `_non_faces`, `_repeated_images`,
`_conflicting_labels`, `_label_errors` and `_class_balance`. `_likeness` knows which images are the
same; `_near_duplicates` are found by a `_perceptual_hash`, its `_hash_neighbours` and the
`_pixel_correlation` of these, and make `_image_sets`. `_robust` has statistics that outliers do not
move.
"""

from ferclassifier.audit._audit_images import audit_images
from ferclassifier.audit._finding import Finding
from ferclassifier.audit._image_audit import ImageAudit

__all__ = ["Finding", "ImageAudit", "audit_images"]
