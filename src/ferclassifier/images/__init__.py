"""Images: from files to arrays of bytes, and what an array of images is.

The one decoder is in `_decoder`, with `_wide_pixels` and `_wide_colour` for more than 8 bits; the
forms of a batch in `_arrays`, the scale of its pixels in `_pixel_scale`; batches that lie in files
in `_files`. `_displayable` brings any of them to bytes to look at, `_shared` compares two batches,
`_digest` stands in for the values of an array, and `_maps` scales maps of images.
"""

from ferclassifier.images._decoder import check_image_options, decode_image, read_image

__all__ = ["check_image_options", "decode_image", "read_image"]
