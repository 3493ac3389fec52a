"""Images: from files to arrays of bytes, and what an array of images is.

The one decoder is in `_decoder`, what it reads from in `_source_kinds`, and more than 8 bits in
`_wide_pixels` and `_wide_colour`; `_jpeg_scans` are counted before they are decoded. `_photos` are
what faces are found in, and `_image_files` says which files are images. The forms of a batch are in
`_arrays`, the scale of its pixels in `_pixel_scale`. What users hold a batch in is opened by
`_containers`, with `_pixel_strings`, where there are arrays in it, and by `_sources` where its
images are to be decoded. `_displayable` brings any of them to bytes to look at, `_shared` compares
two batches, `_digest` stands in for the values of an array. `_maps` scales maps of images, and
`_occlusion` makes one of what a model says of an image of which parts are hidden.
"""

from ferclassifier.images._decoder import check_image_options, decode_image, read_image

__all__ = ["check_image_options", "decode_image", "read_image"]
