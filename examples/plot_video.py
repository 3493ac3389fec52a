"""
Faces over time
===============

A video is frames with their times. Here they are drawn: two people move through a room, and their
faces change. ``analyze_video("talk.mp4")`` takes a file, and ``analyze_video(0)`` a camera; PyAV
reads them, ``pip install "ferclassifier[video]"``, and drawn frames do without. ``--short`` makes
it small.
"""

# %%
import sys
from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from ferclassifier import analyze_video, make_faces

short = "--short" in sys.argv
RATE = 10  # frames a second
seconds = 2 if short else 6

# %%
# Each of two people has two faces, and one slowly turns into the other.
faces, emotions = make_faces(70, noise=0, random_state=0)


def person(number: int, before: str, after: str, time: float) -> Image.Image:
    """Draw a face at a moment."""
    first, second = (faces[emotions == name][number].astype(float) for name in (before, after))
    share = np.clip(3 * time / seconds - 1, 0, 1)
    return Image.fromarray(((1 - share) * first + share * second).astype(np.uint8)).resize((96, 96))


def drawn_video() -> Iterator[tuple[float, np.ndarray]]:
    """Give frames with their times, as a camera would: one after another."""
    for time in np.arange(0, seconds, 1 / RATE):
        room = Image.new("L", (400, 200), 70)
        room.paste(person(0, "happy", "surprise", time), (int(20 + 10 * time), 60))
        room.paste(person(1, "angry", "happy", time), (int(270 - 8 * time), 40))
        yield time, np.asarray(room.convert("RGB"))


# %%
# As it goes, in memory that does not grow: a row for each face in each frame.
for row in analyze_video(drawn_video(), every=1.0):
    print(f"{row['time']:.1f} s: face {row['face']} {row['emotion']} {row['probability']:.2f}")

# %%
# As a whole: a face keeps its number, and its probabilities are means over a moment.
timeline = analyze_video(drawn_video()).timeline()
summary = timeline.summary()
print(summary.iloc[:, :5].round(2))

# %%
timeline.plot_timeline()
plt.show()

# %%
# A table of everything. ``timeline.to_srt("talk.srt")`` writes subtitles.
table = timeline.to_frame()
print(table.groupby(["face", "emotion"]).size().rename("frames"))
