"""Video: from a file, a stream, a camera or arrays to rows of what the faces show.

`_source` says how a source is opened, `_reading` gives its frames with their times, of a camera the
`_latest`, and `_length` how many are to come. The `_tracker` follows faces from frame to frame, by
their places and their `_appearance`; the `_analysis` asks a model about them and lets a
`_smoothing` go over the answers. What comes of it are `_rows`, and `_thumbnails`. A `_timeline` is
the `_course` of all of them, drawn as `_bands` and written as `_subtitles`. `_annotated` is a copy
of a video with what was found drawn on it, and `_sound` its sound. PyAV is loaded when a file is
opened; nothing here needs scikit-learn or TensorFlow.
"""

from ferclassifier.video._analysis import VideoAnalysis, analyze_video
from ferclassifier.video._reading import VideoFrame, read_video
from ferclassifier.video._timeline import VideoTimeline

__all__ = ["VideoAnalysis", "VideoFrame", "VideoTimeline", "analyze_video", "read_video"]
