"""Trainings that have a name, as parameters of FERClassifier."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

# "plain" was the default before Muon: it takes three times the time. What it reaches on FER-2013:
# docs/benchmarks.md, "Accuracy of the defaults".
RECIPES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "plain": MappingProxyType(
            {
                "architecture": "compact",
                "optimizer": "sgd",
                "batch_size": 64,
                "epochs": 60,
                "weight_decay": 0.005,
            }
        )
    }
)
