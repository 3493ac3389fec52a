"""What tells a function, or another object, from those that do something else.

Two functions are taken for the same if nothing that they do can differ: their code, its constants,
defaults, closures and the global variables that it reads are the same, and so are the functions
among these. Where they stand (file, line, module) and what their documentation says is no part of
it, so that a cell of a notebook that is run twice, or a script in another process, defines the
same function again.
"""

from __future__ import annotations

import builtins
import copyreg
import dis
import functools
import hashlib
import importlib
import importlib.util
import sys
import types
from collections import ChainMap
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ferclassifier._keras.installed import is_installed
from ferclassifier._keras.keras_identity import keras_parts
from ferclassifier.images._digest import array_digest

_Named = tuple[str, Any]

_CONSTANTS = (type(None), type(Ellipsis), type(NotImplemented), bool, float, complex, str, bytes)
_BUILT_IN = (
    types.BuiltinFunctionType,
    types.MethodWrapperType,
    types.WrapperDescriptorType,
    types.MethodDescriptorType,
    types.ClassMethodDescriptorType,
    types.GetSetDescriptorType,
    types.MemberDescriptorType,
)
_LOADS_OF_GLOBALS = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"}
# What the body of a class stores without any effect on what the class does.
_STORED_WITHOUT_EFFECT = {"__doc__", "__firstlineno__", "__module__", "__static_attributes__"}
_NO_PART_OF_A_CLASS = _STORED_WITHOUT_EFFECT | {
    "__abstractmethods__",
    "__annotate_func__",
    "__annotations__",
    "__annotations_cache__",
    "__dict__",
    "__orig_bases__",
    "__parameters__",
    "__type_params__",
    "__weakref__",
    "_abc_impl",
}
_MISSING = object()


class UnidentifiableError(TypeError):
    """An object of which nothing tells whether it is the same as another."""


def identity_of(value: Any) -> str:
    """Return a text that is the same for objects that do, or are, the same; and for no others.

    Parameters
    ----------
    value : object
        A function, a method, a ``functools.partial``, a class, an instance with what it would
        pickle, a Keras object with its configuration and weights, or plain data of all these.

    Returns
    -------
    identity : str
        The same in every process of one version of Python.

    Raises
    ------
    UnidentifiableError
        If the object, or one on which it depends, has no value that could be compared, such as a
        lock, a generator or a symbolic tensor. The message says which, and where it is.

    Notes
    -----
    Objects depend on one another in circles: a recursive function on itself, a method on its
    class. So they are gathered first, each described by itself, and then told apart in rounds, each
    of which looks one step farther, until a round tells no more of them apart.

    What belongs to Python or to an installed package is taken by its name and the version of the
    package. Attributes that are looked up by a name made at run time are not seen.
    """
    return _refined(_gathered(value)).hex()


def comparison_key(value: Any) -> Hashable:
    """Return a key of which those of two objects are equal if the objects are the same.

    It is :func:`identity_of` where there is one. An object that has none equals itself alone.
    """
    try:
        return identity_of(value)
    except UnidentifiableError:
        return _Itself(value)


class _Itself:
    """Equal to what stands for the very same object, which is kept alive with it."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and other._value is self._value

    def __hash__(self) -> int:
        return id(self._value)


@dataclass
class _Description:
    """An object by itself, and the objects on which it depends, named for messages."""

    label: str | bytes
    parts: list[_Named] = field(default_factory=list)
    has_order: bool = True


@dataclass(frozen=True)
class _UseOfModule:
    """What a function can take from a module that is no installed one."""

    module: types.ModuleType
    names: frozenset[str]


@dataclass
class _Graph:
    """Objects by number: their labels, and their parts as numbers or, where plain, as digests."""

    labels: list[bytes]
    parts: list[list[int | bytes]]
    has_order: list[bool]


def _gathered(root: Any) -> _Graph:
    """Describe an object and all on which it depends."""
    graph = _Graph([], [], [])
    numbers: dict[Hashable, int] = {}
    # Kept until the end: the address of a temporary object would be used again.
    objects: list[tuple[Any, str]] = []

    def number_of(value: Any, place: str) -> int:
        key = value if isinstance(value, _UseOfModule) else id(value)
        if key not in numbers:
            numbers[key] = len(objects)
            objects.append((value, place))
        return numbers[key]

    number_of(root, "")
    for value, place in objects:  # grows on the way
        description = _described(value, place, len(graph.labels))
        graph.labels.append(_digest(description.label))
        graph.has_order.append(description.has_order)
        graph.parts.append(
            [
                _digest(plain) if (plain := _plain(part)) is not None else number_of(part, inner)
                for name, part in description.parts
                for inner in [f"{name} of {place}" if place else name]
            ]
        )
    return graph


def _refined(graph: _Graph) -> bytes:
    """Return what tells the first object of a graph from others."""
    before, kinds = graph.labels, len(set(graph.labels))
    while True:
        after = []
        for label, parts, has_order in zip(graph.labels, graph.parts, graph.has_order, strict=True):
            seen = [part if isinstance(part, bytes) else before[part] for part in parts]
            after.append(_digest(label, *(seen if has_order else sorted(seen))))
        if len(set(after)) == kinds:
            # Two graphs are alike if the steps from round to round are, not the last round alone.
            steps = {a + b for a, b in zip(before, after, strict=True)}
            return _digest(after[0], *sorted(steps))
        before, kinds = after, len(set(after))


def _digest(*parts: str | bytes) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        content = part.encode(errors="surrogatepass") if isinstance(part, str) else part
        digest.update(len(content).to_bytes(8, "little"))
        digest.update(content)
    return digest.digest()


def _plain(value: Any) -> str | bytes | None:
    """Return a text for what depends on nothing else, None for anything that might."""
    kind = type(value)
    if kind is int:
        return f"int {value:x}"
    if kind in _CONSTANTS:
        return f"{kind.__name__} {value!r}"
    if value is _MISSING:
        return "missing"
    name = _installed_name(value)
    return None if name is None else f"installed {name}"


def _described(value: Any, place: str, number: int) -> _Description:
    plain = _plain(value)
    if plain is not None:
        return _Description(plain)
    kind = type(value)
    if kind in (list, tuple):
        return _Description(kind.__name__, [(f"[{i}]", item) for i, item in enumerate(value)])
    if kind in (dict, types.MappingProxyType):
        pairs = ((("a key", key), (f"[{key!r:.40}]", item)) for key, item in value.items())
        return _Description("dict", [named for pair in pairs for named in pair])
    if kind in (set, frozenset):
        return _Description(kind.__name__, [("an item", item) for item in value], has_order=False)
    if kind in (bytearray, memoryview):
        return _Description(kind.__name__, [("its bytes", bytes(value))])
    if kind in (np.ndarray, np.memmap):
        if value.dtype.hasobject:
            return _Description(f"array {value.shape}", [("its values", value.tolist())])
        return _Description(b"array" + array_digest(value))
    for kinds, describe in _DESCRIPTIONS:
        if isinstance(value, kinds):
            return describe(value)
    try:
        parts = keras_parts(value)
    except Exception as error:  # of a symbolic tensor, or a class without a configuration
        raise _unidentifiable(value, place) from error
    if parts is not None:
        # Using one layer twice is another thing than using two that are equal.
        return _Description(f"keras {number}", [("its class", kind), *parts])
    return _described_by_pickling(value, place)


def _of_code(code: types.CodeType) -> _Description:
    label = [
        f"code {code.co_name} {code.co_argcount} {code.co_posonlyargcount} {code.co_flags}",
        f"{code.co_kwonlyargcount} {code.co_varnames} {code.co_freevars} {code.co_cellvars}",
        code.co_exceptiontable.hex(),
    ]
    constants = []
    for instruction in _instructions(code):
        label.append(instruction.opname)
        if instruction.opcode in dis.hasconst:
            constants.append(("a constant", instruction.argval))
        else:
            label.append(repr(instruction.argval))
    return _Description(" ".join(label), constants)


def _instructions(code: types.CodeType) -> list[dis.Instruction]:
    """Return what code does, without the lines of the file and the documentation it stores."""
    instructions = [one for one in dis.get_instructions(code) if one.opname != "EXTENDED_ARG"]
    dropped = {
        i
        for place, instruction in enumerate(instructions)
        if instruction.opname == "STORE_NAME" and instruction.argval in _STORED_WITHOUT_EFFECT
        for i in (place - 1, place)
    }
    return [one for i, one in enumerate(instructions) if i not in dropped]


def _of_function(function: types.FunctionType) -> _Description:
    parts: list[_Named] = [
        ("its code", function.__code__),
        ("its defaults", function.__defaults__),
        ("its defaults by name", function.__kwdefaults__),
        ("its attributes", {k: v for k, v in vars(function).items() if k != "__wrapped__"}),
    ]
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            parts.append((repr(name), cell.cell_contents))
        except ValueError:
            parts.append((repr(name), _MISSING))
    parts += _globals_of(function)
    parts = [(f"{name} of {function.__name__}", part) for name, part in parts]
    return _Description(f"function {function.__name__}", parts)


def _globals_of(function: types.FunctionType) -> Iterator[_Named]:
    """Yield the values of the global variables that a function reads, and of what it imports."""
    known = ChainMap(function.__globals__, vars(builtins))
    codes = list(_codes_in(function.__code__))
    attributes = frozenset(name for code in codes for name in code.co_names)
    seen = set()
    for code in codes:
        previous: list[dis.Instruction] = []
        for instruction in _instructions(code):
            name = instruction.argval
            if instruction.opname in _LOADS_OF_GLOBALS and name not in seen:
                seen.add(name)
                value = known.get(name, _MISSING)
                if isinstance(value, types.ModuleType):
                    value = _UseOfModule(value, attributes)
                yield repr(name), value
            elif instruction.opname == "IMPORT_NAME":
                level = int(previous[-2].argval)
                module = _imported("." * level + name, known.get("__package__"))
                if module is not None:
                    yield f"the import of {name}", _UseOfModule(module, attributes)
            previous.append(instruction)


def _codes_in(code: types.CodeType) -> Iterator[types.CodeType]:
    """Yield some code and that of the functions and classes within it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes_in(constant)


def _imported(name: str, package: str | None) -> types.ModuleType | None:
    """Return a module that a function imports when it is called, if it can be imported."""
    try:
        absolute = importlib.util.resolve_name(name, package)
        if absolute in sys.modules or is_installed(absolute):
            return sys.modules.get(absolute)
        return importlib.import_module(absolute)
    except (ImportError, ValueError):
        return None


def _of_module_use(use: _UseOfModule) -> _Description:
    name = use.module.__name__
    if is_installed(name):
        return _Description(f"module {name} {_version_of(name)}")
    parts = [
        (repr(attribute), _UseOfModule(value, use.names))
        if isinstance(value, types.ModuleType)
        else (repr(attribute), value)
        for attribute in sorted(use.names & vars(use.module).keys())
        for value in [vars(use.module)[attribute]]
    ]
    return _Description("module " + " ".join(part for part, _ in parts), parts)


def _of_module(module: types.ModuleType) -> _Description:
    name = module.__name__
    if is_installed(name):
        return _Description(f"module {name} {_version_of(name)}")
    raise UnidentifiableError(f"the module {name}, which is no installed one")


def _of_class(cls: type) -> _Description:
    parts: list[_Named] = [("its bases", cls.__bases__), ("its metaclass", type(cls))]
    for name, value in vars(cls).items():
        if name not in _NO_PART_OF_A_CLASS:
            parts += [("the name of an attribute", name), (repr(name), value)]
    parts = [(f"{name} of {cls.__name__}", part) for name, part in parts]
    return _Description(f"class {cls.__name__}", parts)


def _of_built_in(function: Any) -> _Description:
    name = function.__name__
    if isinstance(function, types.MemberDescriptorType | types.GetSetDescriptorType):
        return _Description(f"built-in {name}")  # a slot: its class is known
    owner = function.__self__ if hasattr(function, "__self__") else function.__objclass__
    return _Description(f"built-in {name}", [("its owner", owner)])


_DESCRIPTIONS: list[tuple[Any, Callable[[Any], _Description]]] = [
    (types.CodeType, _of_code),
    (types.FunctionType, _of_function),
    (_UseOfModule, _of_module_use),
    (types.ModuleType, _of_module),
    (type, _of_class),
    (_BUILT_IN, _of_built_in),
    (
        types.MethodType,
        lambda method: _Description(
            "method", [("its function", method.__func__), ("its object", method.__self__)]
        ),
    ),
    (
        property,
        lambda prop: _Description(
            "property", [("its function", f) for f in (prop.fget, prop.fset, prop.fdel)]
        ),
    ),
    (
        (staticmethod, classmethod),
        lambda method: _Description(type(method).__name__, [("its function", method.__func__)]),
    ),
    (
        functools.cached_property,
        lambda prop: _Description(f"cached {prop.attrname}", [("its function", prop.func)]),
    ),
    (
        functools._lru_cache_wrapper,
        lambda cached: _Description("cached", [("its function", cached.__wrapped__)]),
    ),
]


def _described_by_pickling(value: Any, place: str) -> _Description:
    """Describe an object by what a pickle would keep of it."""
    kind = type(value)
    try:
        reduce = copyreg.dispatch_table.get(kind)
        reduced = reduce(value) if reduce is not None else value.__reduce_ex__(4)
    except Exception as error:
        raise _unidentifiable(value, place) from error
    if isinstance(reduced, str):  # it would be looked up by its name
        module = getattr(value, "__module__", None) or kind.__module__
        if not is_installed(module):
            raise _unidentifiable(value, place)
        return _Description(f"installed {module}.{reduced} {_version_of(module)}")
    parts = [("its state", list(part) if isinstance(part, Iterator) else part) for part in reduced]
    return _Description(f"object {len(parts)}", parts)


def _unidentifiable(value: Any, place: str) -> UnidentifiableError:
    kind = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
    return UnidentifiableError(f"a {kind}" + (f" ({place})" if place else ""))


def _installed_name(value: Any) -> str | None:
    """Return the name of what belongs to Python or to an installed package, and can be found."""
    if not isinstance(value, type | types.FunctionType | types.BuiltinFunctionType):
        return None
    module, name = value.__module__, value.__qualname__
    if not isinstance(module, str) or not is_installed(module):
        return None
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return f"{module}.{name} {_version_of(module)}" if found is value else None


def _version_of(module: str) -> str:
    top = sys.modules.get(module.partition(".")[0])
    return str(getattr(top, "__version__", ""))
