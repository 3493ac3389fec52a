"""Names that users, files and other programs rely on: they stay, wherever their code moves."""

from __future__ import annotations

import hashlib
import importlib
import tomllib
from importlib.metadata import entry_points
from typing import Any

import pytest

import ferclassifier
from helpers import REPOSITORY

PATHS = {
    "ferclassifier": [
        *("AugmentingOverSampler", "EMOTIONS", "FERClassifier", "FERVotingClassifier"),
        *("FaceCropper", "HistogramEqualizer", "ImageAugmenter", "ImageReader", "ImageResizer"),
        *(
            "OnnxFERClassifier",
            "PixelScaler",
            "RECIPES",
            "__version__",
            "analyze_video",
            "crop_photos",
        ),
        "detect_faces",
        *("exceptions", "export_onnx", "fetch_fer2013", "list_architectures", "list_pretrained"),
        *("load_fer2013", "load_ferplus", "load_image_folder", "load_pretrained", "make_faces"),
        "model_card",
        *("predict_photos", "read_video", "register_architecture"),
    ],
    "ferclassifier.app": ["Limits", "create_app"],
    "ferclassifier.architectures": [
        *("get_architecture", "list_architectures", "register_architecture")
    ],
    "ferclassifier.audit": ["Finding", "ImageAudit", "audit_images"],
    "ferclassifier.augmentation": ["AugmentationStrength"],
    "ferclassifier.datasets": [
        *("EMOTIONS", "fetch_fer2013", "load_fer2013", "load_image_folder", "make_faces")
    ],
    "ferclassifier.exceptions": [
        *("ArchitectureError", "CheckpointError", "DataError", "DivergenceError"),
        *("FERClassifierError", "FetchError", "ForkedProcessError", "IgnoredFilesWarning"),
        *("ImageError", "IncompleteVideoWarning", "ModelFileError", "NoFaceError"),
        *("PixelScaleError", "PixelScaleWarning", "SharedTestSetWarning", "UnknownModelError"),
        *("UnreadableImageWarning", "VideoError"),
    ],
    "ferclassifier.export": ["OnnxExport", "OnnxFERClassifier", "export_onnx"],
    "ferclassifier.faces": ["Face", "FaceCropper", "FaceCrops", "Faces", "detect_faces"],
    "ferclassifier.images": ["read_image"],
    "ferclassifier.inspection": [
        *("ClassDistributionDisplay", "CoverageDisplay", "FaceGridDisplay"),
        *("MisclassifiedDisplay", "ReliabilityDisplay", "SaliencyDisplay"),
        *("TrainingCurvesDisplay", "most_confident_mistakes", "overlay", "saliency"),
    ],
    "ferclassifier.metrics": [
        *("Confusion", "CoverageAccuracyCurve", "EmotionReport", "GroupGap", "GroupScores"),
        "ReliabilityCurve",
        *("classwise_calibration_error", "coverage_accuracy_curve", "emotion_report"),
        *("expected_calibration_error", "reliability_curve", "wilson_interval"),
    ],
    "ferclassifier.parallel": ["resilient"],
    "ferclassifier.persistence": ["load_model", "save_model"],
    "ferclassifier.photos": ["CroppedPhoto", "crop_photos", "predict_photos"],
    "ferclassifier.preprocessing": [
        *("HistogramEqualizer", "ImageReader", "ImageResizer", "PixelScaler")
    ],
    "ferclassifier.pretrained": ["list_pretrained", "load_pretrained", "model_card"],
    "ferclassifier.report": ["EvaluationReport", "Report", "audit_report", "evaluation_report"],
    "ferclassifier.resampling": ["AugmentingOverSampler", "ImageAugmenter"],
    "ferclassifier.video": [
        *("VideoAnalysis", "VideoFrame", "VideoTimeline", "analyze_video", "read_video")
    ],
}

# How many weights each network has, and a sum over their names and shapes: those of model files.
WEIGHTS = {
    "compact": (67, "99baa4d3da39245b"),
    "elu_cnn": (44, "466530e0f86a3f2e"),
    "gap_cnn": (19, "4cd5eb7c4a73fb5f"),
    "mini_xception": (80, "8b4c40921cb89266"),
    "resnet": (102, "16f24429a1e1e065"),
    "vgg": (42, "b344674aab504895"),
    "vit": (117, "d9dd0424024be676"),
}


@pytest.mark.parametrize("path", PATHS)
def test_public_paths(path: str) -> None:
    module = importlib.import_module(path)
    assert [name for name in PATHS[path] if not hasattr(module, name)] == []


def test_the_front_door_lists_what_it_has() -> None:
    assert sorted(ferclassifier.__all__) == sorted(PATHS["ferclassifier"])


def test_entry_point() -> None:
    project: dict[str, Any] = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    assert project["project"]["scripts"] == {"ferclassifier": "ferclassifier._cli:main"}
    (script,) = entry_points(group="console_scripts", name="ferclassifier")
    assert script.load() is importlib.import_module("ferclassifier._cli").main


def test_names_registered_with_keras() -> None:
    """A .keras file names the classes of its layers by them."""
    from keras.saving import get_custom_objects

    for name in ("build", "muon", "random_augmentation", "loss", "schedule"):
        importlib.import_module(f"ferclassifier._keras.{name}")
    importlib.import_module("ferclassifier.architectures.vit")
    registered = {name for name in get_custom_objects() if name.startswith("ferclassifier>")}
    classes = ("BatchNormalization", "Crossentropy", "Muon", "RandomAugmentation", "WarmupSchedule")
    assert registered == {f"ferclassifier>{name}" for name in (*classes, "_PositionCodes")}


@pytest.mark.parametrize("architecture", WEIGHTS)
def test_names_of_weights(architecture: str) -> None:
    """Files of earlier releases have them."""
    from ferclassifier._keras.build import weight_shapes
    from ferclassifier._keras.spec import NetworkSpec

    spec = NetworkSpec(architecture, {}, (48, 48, 1), 7, (1.0, 0.0))
    shapes = weight_shapes(spec, max_weights=1000, max_values=10**8)
    text = "\n".join(f"{name} {shape}" for name, shape in sorted(shapes.items()))
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    assert (len(shapes), digest) == WEIGHTS[architecture]
