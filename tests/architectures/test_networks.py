"""The registry, and the networks at their defaults."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from ferclassifier import list_architectures, register_architecture
from ferclassifier.architectures import _registry, get_architecture
from ferclassifier.exceptions import ArchitectureError

# How many each has at its defaults, of which the docs tell; and so the names of all.
PARAMETERS = {
    "compact": 1_226_327,
    "mini_xception": 57_000,
    "gap_cnn": 110_000,
    "elu_cnn": 2_330_000,
    "resnet": 2_801_063,
    "small_resnet": 660_519,
    "vgg": 1_176_359,
    "vit": 1_354_791,
}
SIZES = [(48, 48), (8, 8), (47, 33)]


def parameters_of(name: str, shape: tuple[int, ...] = (48, 48, 1), **params: Any) -> int:
    import keras

    inputs = keras.Input(shape)
    outputs = get_architecture(name, params)(inputs, 7, **params)
    assert outputs.shape == (None, 7)
    return int(keras.Model(inputs, outputs).count_params())


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_registry, "_registered", {})


def test_names_are_sorted() -> None:
    names = list_architectures()
    assert names == sorted(names)
    assert set(PARAMETERS) <= set(names)


@pytest.mark.usefixtures("registry")
def test_register() -> None:
    def build(inputs: Any, n_classes: int, width: int = 3) -> Any: ...

    assert register_architecture("mine")(build) is build
    assert "mine" in list_architectures()
    assert get_architecture("mine", {"width": 4}) is build
    register_architecture("mine")(build)  # a notebook cell that runs twice
    with pytest.raises(ArchitectureError, match=r"'mine'.*exists"):
        register_architecture("mine")(lambda inputs, n_classes: None)
    with pytest.raises(ArchitectureError, match=r"'compact'.*exists"):
        register_architecture("compact")(build)


def test_unknown_name_says_what_to_type() -> None:
    with pytest.raises(ArchitectureError, match=r"'vgg99'.*\['compact'"):
        get_architecture("vgg99")


@pytest.mark.parametrize(("name", "parameters"), PARAMETERS.items())
def test_number_of_parameters(name: str, parameters: int) -> None:
    assert parameters_of(name) == pytest.approx(parameters, rel=0.03)


@pytest.mark.parametrize("name", PARAMETERS)
def test_networks_start_without_an_opinion(name: str) -> None:
    """A first loss far above log(7) means that the last layer starts far too wide."""
    import keras

    keras.utils.set_random_seed(0)
    inputs = keras.Input((48, 48, 1))
    model = keras.Model(inputs, get_architecture(name)(inputs, 7))
    images = np.random.default_rng(0).normal(size=(64, 48, 48, 1)).astype("float32")
    proba = np.asarray(model(images, training=True))
    assert -np.log(proba).mean() < 6


TRAINING = """
import sys
from ferclassifier import FERClassifier, make_faces
X, y = make_faces(16, random_state=0)
# What is repeated.
once = {"vgg": {"depth": 1}, "vit": {"depth": 1}}
once |= {name: {"blocks": 1} for name in ("resnet", "small_resnet")}
for name in sys.argv[1:]:
    FERClassifier(
        architecture=name,
        architecture_params=once.get(name),
        precision="float32",
        augmentation=None,
        epochs=1,
    ).fit(X, y)
"""


def test_all_train_in_float32() -> None:
    """TensorFlow crashed on the strided 1 x 1 convolutions of mini_xception, with all of Python."""
    done = subprocess.run(
        [sys.executable, "-c", TRAINING, *PARAMETERS], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr[-500:]


@pytest.mark.parametrize("name", ["compact", "resnet", "vgg", "vit"])
def test_mixed_precision_ends_in_float32(name: str) -> None:
    """Probabilities in bfloat16 have two digits, and a loss of them stands still."""
    import keras

    before = keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy("mixed_bfloat16")
        inputs = keras.Input((47, 33, 3))
        model = keras.Model(inputs, get_architecture(name)(inputs, 5))
    finally:
        keras.config.set_dtype_policy(before)
    assert model.output.dtype == "float32"
    proba = np.asarray(model(np.ones((2, 47, 33, 3), "float32"), training=True))
    np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=1e-5)


class TestResidualNetwork:
    def test_gates_of_channels(self) -> None:
        plain, gated = (
            parameters_of("resnet", filters=(8, 16), blocks=1, squeeze_excite=gate)
            for gate in (False, True)
        )
        # Two dense layers per block, to 4 units and back, with biases.
        assert gated - plain == (8 * 4 + 4 + 4 * 8 + 8) + (16 * 4 + 4 + 4 * 16 + 16)

    def test_blocks_of_each_stage(self) -> None:
        assert parameters_of("resnet", blocks=2) == parameters_of("resnet", blocks=(2, 2, 2, 2))
        assert parameters_of("resnet", blocks=(1, 2, 2, 1)) < parameters_of("resnet", blocks=2)
        with pytest.raises(ArchitectureError, match=r"blocks=\(1, 2\).*for each stage"):
            parameters_of("resnet", blocks=(1, 2))

    @pytest.mark.parametrize(("stem_stride", "first_stride"), [(1, 1), (2, 1), (1, 2), (2, 2)])
    def test_strides_halve_the_sides(self, stem_stride: int, first_stride: int) -> None:
        import keras

        inputs = keras.Input((48, 48, 1))
        strides = {"stem_stride": stem_stride, "first_stride": first_stride}
        build = get_architecture("resnet", strides)
        model = keras.Model(inputs, build(inputs, 7, filters=(8, 16), blocks=1, **strides))
        pooled = next(layer for layer in model.layers if "global" in layer.name)
        assert pooled.input.shape[1] == 48 // stem_stride // first_stride // 2


class TestVisionTransformer:
    def test_weights_do_not_depend_on_the_size_of_images(self) -> None:
        assert len({parameters_of("vit", shape=(*side, 1)) for side in SIZES}) == 1

    def test_one_that_is_only_described_takes_no_memory(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A file of a few bytes may describe one for images of any size."""
        from ferclassifier._keras.build import weight_shapes
        from ferclassifier._keras.spec import NetworkSpec
        from ferclassifier.architectures import vit

        def no_codes(*_: Any) -> Any:
            raise AssertionError("codes of places were computed")

        monkeypatch.setattr(vit, "_position_codes", no_codes)
        params = {"stem": (), "dim": 64, "depth": 0}
        spec = NetworkSpec("vit", params, (4096, 4096, 1), 7, (1.0, 0.0))
        assert weight_shapes(spec, max_weights=6, max_values=1000)

    def test_knows_where_things_are(self) -> None:
        """Attention and the mean over places alone would not: they take places in any order."""
        import keras

        from ferclassifier.architectures.vit import _position_codes

        codes = _position_codes(5, 7, 16).reshape(35, 16)
        assert len(np.unique(codes.round(4), axis=0)) == 35
        keras.utils.set_random_seed(0)
        inputs = keras.Input((16, 16, 1))
        model = keras.Model(inputs, get_architecture("vit")(inputs, 3, stem=(8,), depth=1))
        image = np.zeros((1, 16, 16, 1), "float32")
        image[:, 4:6, 4:6] = 1
        moved = np.roll(image, 6, axis=(1, 2))
        assert np.abs(np.asarray(model(image)) - np.asarray(model(moved))).max() > 1e-5

    @pytest.mark.parametrize("params", [{"dim": 30}, {"dim": 32, "heads": 3}])
    def test_width_must_suit_the_heads(self, params: dict[str, int]) -> None:
        with pytest.raises(ArchitectureError, match=r"multiple of 4.*Take dim="):
            parameters_of("vit", **params)
