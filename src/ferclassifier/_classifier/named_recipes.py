"""Trainings that have a name, as parameters of FERClassifier."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

# "plain" was the default before Muon, and takes three times the time; "thorough" takes the defaults
# to a larger network for longer. What they reach on FER-2013 stands in docs/benchmarks.md, under
# "The race for the default fit".
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
        ),
        "thorough": MappingProxyType({"architecture_params": {"filters": (96, 192)}, "epochs": 44}),
    }
)
