"""Samplers that add changed copies of images.

The samplers are in `_samplers`, what they do to images in `_changes`.
"""

from ferclassifier.resampling._samplers import AugmentingOverSampler, ImageAugmenter

__all__ = ["AugmentingOverSampler", "ImageAugmenter"]
