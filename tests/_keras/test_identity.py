"""What tells functions and other objects from those that do something else."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ferclassifier._keras.identity import UnidentifiableError, comparison_key, identity_of


def defined(source: str, name: str = "build", **variables: Any) -> Any:
    """Run a cell of a notebook, and return what it defines by a name."""
    cell = {"__name__": "__main__", **variables}
    exec(source, cell)
    return cell[name]


def model(seed: int = 0, name: str | None = None, **params: Any) -> Any:
    import keras
    from keras import layers

    inputs = keras.Input((4, 4, 1))
    maps = layers.Conv2D(2, 3, name=name, **params)
    x = layers.Dropout(0.1)(layers.Flatten()(maps(inputs)))
    maps.kernel.assign(np.random.default_rng(seed).normal(size=maps.kernel.shape))
    return keras.Model(inputs, x)


PLAIN = "def build(inputs, n_classes, width=8):\n    return inputs, n_classes, width, 2"
HELPER = "def block(x):\n    return x * {}\ndef build(inputs, n_classes):\n    return block(inputs)"
NESTED = """
def build(inputs, n_classes):
    class Scale(base):
        def call(self, x):
            return [x * {} for _ in range(3)]
    return Scale()(inputs)
"""
CLASS = """
class Build:
    def __init__(self, width):
        self.width = width

    def __call__(self, inputs, n_classes):
        return Build, self.width {} 1

    def other(self, inputs, n_classes):
        return inputs
"""
MUTUAL = """
def even(n):
    return odd(n - 1) if n else {}

def odd(n):
    return even(n - 1) if n else False

build = even
"""


class TestFunctions:
    @pytest.mark.parametrize(
        ("source", "other"),
        [
            (PLAIN, PLAIN.replace("width=8", "width=9")),
            (PLAIN, PLAIN.replace("2", "2.0")),
            (PLAIN, PLAIN.replace("2", "True")),
            (PLAIN, PLAIN.replace("width=8", "*, width=8")),
            (PLAIN, PLAIN.replace("return inputs, n_classes", "return n_classes, inputs")),
            (HELPER.format(2), HELPER.format(3)),
            (NESTED.format(2), NESTED.format(3)),
            (MUTUAL.format("True"), MUTUAL.format("False")),
            ("build = lambda inputs, n: n", "build = lambda inputs, n: inputs"),
        ],
    )
    def test_a_cell_run_twice_defines_the_same_function_again(
        self, source: str, other: str
    ) -> None:
        first, again, changed = (defined(s, base=object) for s in (source, "\n\n" + source, other))
        assert first is not again
        assert identity_of(first) == identity_of(again) != identity_of(changed)

    def test_documentation_is_no_part_of_it(self) -> None:
        documented = PLAIN.replace("    return", '    """Build it."""\n    # so\n    return')
        assert identity_of(defined(documented)) == identity_of(defined(PLAIN))

    def test_values_that_it_reads_are_part_of_it(self) -> None:
        source = "def build(inputs, n):\n    return [sizes[i] for i in range(n)]"
        one, same, other, order = (
            identity_of(defined(source, sizes=sizes))
            for sizes in ({"a": 1, "b": 2}, {"a": 1, "b": 2}, {"a": 1, "b": 3}, {"b": 2, "a": 1})
        )
        assert one == same
        assert len({one, other, order}) == 3

    def test_variables_that_it_does_not_read_are_none(self) -> None:
        lock = threading.Lock()
        assert identity_of(defined(PLAIN, unused=lock)) == identity_of(defined(PLAIN))

    def test_an_enclosed_array_is_compared_by_all_its_values(self) -> None:
        def builder(values: Any) -> Any:
            return lambda inputs, n_classes: values

        large = np.zeros((500, 1000))
        changed = large.copy()
        changed[250, 500] = 1e-300
        assert identity_of(builder(large)) == identity_of(builder(large.copy()))
        assert identity_of(builder(large)) == identity_of(builder(np.asfortranarray(large)))
        for other in (changed, large.astype("float32"), large.reshape(-1)):
            assert identity_of(builder(large)) != identity_of(builder(other))

    def test_partial_arguments(self) -> None:
        first, again = defined(PLAIN), defined(PLAIN)
        assert identity_of(partial(first, width=3)) == identity_of(partial(again, width=3))
        assert identity_of(partial(first, width=3)) != identity_of(partial(again, width=4))
        assert identity_of(partial(first, 3)) != identity_of(partial(again, 4))
        assert identity_of(partial(first)) != identity_of(first)

    def test_callable_instances_and_methods(self) -> None:
        first, again = defined(CLASS.format("+"), "Build"), defined(CLASS.format("+"), "Build")
        changed = defined(CLASS.format("-"), "Build")
        assert identity_of(first(1)) == identity_of(again(1))
        assert identity_of(first(1).other) == identity_of(again(1).other)
        assert identity_of(first(1).other) != identity_of(again(2).other)
        assert len({identity_of(it) for it in (first, first(1), first(2), changed(1))}) == 4

    def test_a_cached_function_is_the_function(self) -> None:
        first, again, changed = (cache(defined(HELPER.format(i))) for i in (2, 2, 3))
        assert identity_of(first) == identity_of(again) != identity_of(changed)

    def test_functions_of_installed_packages_are_taken_by_name(self) -> None:
        assert identity_of(len) != identity_of(max)
        assert identity_of(np.sin) != identity_of(np.cos)
        assert identity_of(pytest.fixture) != identity_of(pytest.raises)

    def test_a_module_of_the_users_own_is_looked_into(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As far as the function takes something from it, wherever it is imported."""
        monkeypatch.syspath_prepend(str(tmp_path))
        (tmp_path / "own_blocks.py").write_text("def block(x):\n    return x * width\nwidth = 1\n")
        inside = "def build(inputs, n):\n    from own_blocks import block\n    return block(inputs)"
        outside = "import own_blocks\ndef build(inputs, n):\n    return own_blocks.block(inputs)"
        functions = [defined(inside), defined(outside)]
        before = [identity_of(function) for function in functions]
        assert [identity_of(function) for function in functions] == before
        monkeypatch.setattr(sys.modules["own_blocks"], "width", 2)
        for function, identity in zip(functions, before, strict=True):
            assert identity_of(function) != identity

    def test_methods_of_what_is_built_in_know_their_objects(self) -> None:
        methods = ([].index, [1].index, "".index, "a".index, str.index, list.index)
        assert len({identity_of(method) for method in methods}) == len(methods)
        assert identity_of([1].index) == identity_of([1].index)

    def test_long_functions(self) -> None:
        """Their imports and variables are numbered by more than one instruction."""
        names = [f"name_{i}" for i in range(300)]
        lines = [*(f"    {name} = size.{name}" for name in names), "    from math import pi, tau"]
        source = "\n".join(["def build(inputs, n):", *lines, "    return last"])
        one, same, other = (identity_of(defined(source, last=last)) for last in (1, 1, 2))
        assert one == same != other

    def test_what_is_equal_has_the_same_identity_in_another_process(self) -> None:
        sources = [PLAIN, HELPER.format(2), NESTED.format(2), CLASS.format("+"), MUTUAL.format(1)]
        sources.append("build = lambda inputs, n: n in {'a', 'b', 'c'} or {frozenset('xyz'), 1}")
        script = (
            "import runpy, sys\n"
            "test = runpy.run_path(sys.argv[1])\n"
            "for source in sys.argv[2:]:\n"
            "    name = 'Build' if 'class Build' in source else 'build'\n"
            "    print(test['identity_of'](test['defined'](source, name, base=object)))"
        )
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", script, __file__, *sources],
                env={**os.environ, "PYTHONHASHSEED": seed},
                stdout=subprocess.PIPE,
                text=True,
            )
            for seed in ("1", "2")
        ]
        answers = {process.communicate()[0] for process in processes}
        assert [process.returncode for process in processes] == [0, 0]
        assert len(answers) == 1
        assert len(set(answers.pop().split())) == len(sources)


class TestCircles:
    def test_what_looks_alike_from_near_is_told_apart(self) -> None:
        """A list that holds itself, and one that holds another list that differs far away."""
        circle: list[Any] = [0]
        circle.append(circle)
        longer: list[Any] = [0]
        longer.append([0, longer])
        far: list[Any] = [0, [0, [0, [1, None]]]]
        far[1][1][1][1] = far
        assert identity_of(circle) == identity_of(longer) != identity_of(far)

    def test_nesting_has_no_limit(self) -> None:
        deep: list[Any] = []
        for _ in range(1200):  # more than Python nests calls
            deep = [deep]
        assert identity_of(deep) != identity_of(deep[0])


class TestKeras:
    def test_a_model_is_its_configuration_and_its_weights(self) -> None:
        def builder(network: Any) -> Any:
            return lambda inputs, n_classes: network(inputs)

        assert identity_of(builder(model())) == identity_of(builder(model()))
        assert identity_of(builder(model())) != identity_of(builder(model(seed=1)))
        assert identity_of(builder(model())) != identity_of(builder(model(strides=2)))
        assert identity_of(builder(model())) != identity_of(builder(model(name="maps")))

    def test_a_function_within_a_layer_is_looked_into(self) -> None:
        """A configuration holds its name alone."""
        source = "def activation(x):\n    return x * {}"
        first, again, changed = (
            identity_of(model(activation=defined(source.format(i), "activation")))
            for i in (2, 2, 3)
        )
        assert first == again != changed

    def test_a_layer_of_the_users_own_is_its_code_and_its_attributes(self) -> None:
        from keras import layers

        source = (
            "class Scale(layers.Layer):\n    factor = 1\n"
            "    def call(self, x):\n        return x * self.factor {} 1"
        )
        first, again, changed, other = (
            defined(source.format(sign), "Scale", layers=layers)(name="scale") for sign in "++-+"
        )
        other.factor = 3
        assert identity_of(first) == identity_of(again)
        assert len({identity_of(layer) for layer in (first, changed, other)}) == 3

    def test_one_layer_used_twice_is_not_two_that_are_equal(self) -> None:
        from keras import layers

        one, other = layers.Dense(3, name="dense"), layers.Dense(3, name="dense")
        assert identity_of([one, one]) != identity_of([one, other])

    def test_optimizers_with_their_schedules(self) -> None:
        from keras.optimizers import SGD
        from keras.optimizers.schedules import CosineDecay

        assert identity_of(SGD(CosineDecay(0.1, 9))) == identity_of(SGD(CosineDecay(0.1, 9)))
        assert identity_of(SGD(CosineDecay(0.1, 9))) != identity_of(SGD(CosineDecay(0.1, 8)))
        assert identity_of(SGD(0.1)) != identity_of(SGD(0.2))


class TestWithoutIdentity:
    @pytest.mark.parametrize("make", [threading.Lock, lambda: (i for i in range(3))])
    def test_the_error_says_what_and_where(self, make: Any) -> None:
        build = defined("def build(inputs, n):\n    return tools[0]", tools=[make()])
        with pytest.raises(UnidentifiableError, match=r"a .*(lock|generator) \(\[0\] of 'tools'"):
            identity_of(build)

    def test_a_symbolic_tensor_has_none(self) -> None:
        import keras

        with pytest.raises(UnidentifiableError, match="KerasTensor"):
            identity_of(keras.Input((3,)))

    def test_it_equals_itself_alone(self) -> None:
        one, other = threading.Lock(), threading.Lock()
        assert comparison_key(one) == comparison_key(one)
        assert hash(comparison_key(one)) == hash(comparison_key(one))
        assert comparison_key(one) != comparison_key(other)
        assert comparison_key(len) == identity_of(len)
