"""The emotions of FER-2013 and FER+: their names, the codes that stand for them, and synonyms."""

from __future__ import annotations

from typing import Any

EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
# FER+ adds one, and has what people could say of a face besides.
EIGHT_EMOTIONS = tuple(sorted([*EMOTIONS, "contempt"]))
VOTE_NAMES = (*EIGHT_EMOTIONS, "unknown", "no face")
_NO_EMOTION = {"unknown", "noface", "nf"}
_SYNONYMS = {
    "angry": ("anger",),
    "disgust": ("disgusted",),
    "fear": ("fearful", "scared", "afraid"),
    "happy": ("happiness",),
    "sad": ("sadness",),
    "surprise": ("surprised",),
    "neutral": (),
}


def folder_codes() -> dict[str, int]:
    """Give the class of each name that an emotion's folder may have."""
    return {
        name: code
        for code, emotion in enumerate(EMOTIONS)
        for name in (emotion, *_SYNONYMS[emotion])
    }


def plain(name: str) -> str:
    """Write a name in lower case, and without what separates its words."""
    return name.strip().lower().replace("_", "").replace("-", "").replace(" ", "")


def emotion_of(name: str) -> str | None:
    """Return the emotion that is meant by a name in any case, or by a synonym; None if none is."""
    code = folder_codes().get(plain(name))
    return None if code is None else EMOTIONS[code]


def meaning_of(name: str) -> str:
    """Return what all spellings of a name have in common."""
    return emotion_of(name) or plain(name)


def is_no_emotion(name: Any) -> bool:
    """Tell whether an answer of a rater is that a face shows nothing that could be named."""
    return isinstance(name, str) and plain(name) in _NO_EMOTION


def code_in(label: Any) -> int | None:
    """Return the whole number that a label is, as int, float or digits; None if it is none.

    Parameters
    ----------
    label : object
        As `tolist` of an array has it.
    """
    if isinstance(label, str):
        return int(label) if label.isascii() and label.isdigit() and len(label) < 10 else None
    if isinstance(label, bool) or not isinstance(label, int | float):
        return None
    return int(label) if label == label // 1 else None
