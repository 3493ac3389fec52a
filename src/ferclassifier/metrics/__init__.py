"""Scores of predicted probabilities, and what they say of a classifier's mistakes.

`_emotion_report` has all scores in one; it takes them from `_calibration`, `_coverage` and
`_intervals`, those of the votes of several raters, `_rater_votes`, from `_vote_scores`, and those
of groups of images, `_image_groups`, from `_group_scores`. What scores are computed from is checked
once, in `_labelled_probabilities`: labels in one dimension from `_label_column`, those of the
`_columns`, and the places of labels among classes from `_class_codes`.
"""

from ferclassifier.metrics._calibration import (
    ReliabilityCurve,
    classwise_calibration_error,
    expected_calibration_error,
    reliability_curve,
)
from ferclassifier.metrics._coverage import CoverageAccuracyCurve, coverage_accuracy_curve
from ferclassifier.metrics._emotion_report import Confusion, EmotionReport, emotion_report
from ferclassifier.metrics._group_scores import GroupGap, GroupScores
from ferclassifier.metrics._intervals import wilson_interval
from ferclassifier.metrics._vote_scores import VoteScores

__all__ = [
    "Confusion",
    "CoverageAccuracyCurve",
    "EmotionReport",
    "GroupGap",
    "GroupScores",
    "ReliabilityCurve",
    "VoteScores",
    "classwise_calibration_error",
    "coverage_accuracy_curve",
    "emotion_report",
    "expected_calibration_error",
    "reliability_curve",
    "wilson_interval",
]
