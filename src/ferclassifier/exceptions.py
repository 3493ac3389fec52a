"""The errors and warnings of the package.

Each inherits from the built-in that a caller would catch, so that ``except ValueError``
written against scikit-learn keeps working.
"""

from __future__ import annotations

from collections.abc import Sequence

from ferclassifier._utils.printable import printable_lines
from ferclassifier._utils.wording import shortened

# A member of an archive may have a name of a MB.
_LONGEST = 1_000


class _Message:
    """A text with names from outside perhaps, which a terminal is not to obey, nor to overflow."""

    def __str__(self) -> str:
        return shortened(printable_lines(super().__str__()), _LONGEST)


class FERClassifierError(_Message, Exception):
    """The root of the package's errors."""


class DataError(FERClassifierError, ValueError):
    """A data set, a row of it or a file in it is not what was expected."""


class ImageError(DataError):
    """An image cannot be decoded, or an array is no batch of images."""


class SingleImageError(ImageError, TypeError):
    """One image was given where several are expected, if only in a list of one."""


class VideoError(DataError):
    """A video cannot be read, or an array is no frame of one."""


class NoFaceError(DataError):
    """No face was found in a photo."""


class FetchError(FERClassifierError, OSError):
    """A data set is not there, and was not to be downloaded or could not be."""


class PixelScaleError(FERClassifierError, ValueError):
    """The pixels are on another scale than those that the model was fitted on."""


class ArchitectureError(FERClassifierError, ValueError):
    """A network has no such name, takes no such parameter, or does not fit the images."""


class DivergenceError(FERClassifierError, ValueError):
    """The loss, the weights or the probabilities of a network are NaN or infinite."""


class ForkedProcessError(FERClassifierError, RuntimeError):
    """A process was forked from one that had used TensorFlow, and cannot use it."""


class CheckpointError(FERClassifierError, ValueError):
    """A file does not hold the state of the fit that is to go on."""


class UnknownModelError(FERClassifierError, ValueError):
    """There is no released model of such a name."""


class ModelFileError(FERClassifierError, ValueError):
    """A model file is damaged or of another kind, or a model cannot be written to one."""


class PixelScaleWarning(_Message, UserWarning):
    """The pixels may be on another scale than those that the model was fitted on."""


class UnreadableImageWarning(_Message, UserWarning):
    """Images are missing or damaged, and black ones stand in their place.

    Attributes
    ----------
    failures : list of (int, str)
        The position of each such image, from 0, and what is wrong with it.
    """

    def __init__(self, message: str, failures: Sequence[tuple[int, str]] = ()) -> None:
        super().__init__(message)
        self.failures = list(failures)


class IncompleteVideoWarning(_Message, UserWarning):
    """A video ends before what it says of its length."""


class IgnoredFilesWarning(_Message, UserWarning):
    """Files of a data set are left out, because they are no images that can be read, or no data."""


class SharedTestSetWarning(_Message, UserWarning):
    """Validation and test images cannot be told apart, so each subset holds both."""
