"""The seven emotions of FER-2013: their names, order and synonyms."""

from __future__ import annotations

EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
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
