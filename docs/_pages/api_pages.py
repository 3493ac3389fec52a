"""Pages of the API: one for each public room, with what its `__all__` lists."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from types import ModuleType
from typing import Any

from _pages.places import GENERATED, write

FRONT_DOOR = "ferclassifier"


def write_api_pages() -> None:
    """Write the page of the front door, that of each room, and the list of them."""
    rooms = public_rooms()
    write(GENERATED / "api" / "index.rst", _index(rooms))
    write(GENERATED / "api" / "front_door.rst", _front_door())
    for room in rooms:
        write(GENERATED / "api" / f"{_short(room)}.rst", _page(room))


def public_rooms() -> list[ModuleType]:
    """Return the rooms whose names have no underscore."""
    package = importlib.import_module(FRONT_DOOR)
    names = sorted(found.name for found in pkgutil.iter_modules(package.__path__))
    return [importlib.import_module(f"{FRONT_DOOR}.{n}") for n in names if not n.startswith("_")]


def public_names(room: ModuleType) -> list[str]:
    """Return what a room offers: its `__all__`, or what a room of one file defines."""
    listed = getattr(room, "__all__", None)
    if listed is not None:
        return [name for name in listed if not name.startswith("_")]
    return [
        name
        for name, value in vars(room).items()
        if not name.startswith("_") and _is_defined_in(value, name, room)
    ]


def where_imported(room: ModuleType, name: str) -> str:
    """Return the shortest path by which users import a name."""
    at_the_door = name in importlib.import_module(FRONT_DOOR).__all__
    return f"{FRONT_DOOR}.{name}" if at_the_door else f"{room.__name__}.{name}"


def _is_defined_in(value: Any, name: str, room: ModuleType) -> bool:
    return getattr(value, "__module__", None) == room.__name__ or name.isupper()


def _index(rooms: list[ModuleType]) -> str:
    pages = "\n".join(f"   {_short(room)}" for room in rooms)
    rows = "\n".join(
        f"   * - :doc:`{room.__name__} <{_short(room)}>`\n     - {_first_paragraph(room)}"
        for room in rooms
    )
    return f"""{_title("API")}
All public names, by room. What most people need can be imported from ``ferclassifier`` itself:
:doc:`front_door` lists it.

.. list-table::
   :widths: 35 65

   * - :doc:`ferclassifier <front_door>`
     - What is imported from the top.
{rows}

.. toctree::
   :hidden:

   front_door
{pages}
"""


def _front_door() -> str:
    package = importlib.import_module(FRONT_DOOR)
    private = ("ferclassifier._classifier",)
    classes = [n for n in package.__all__ if package._HOME.get(n, "") in private]
    others = [n for n in package.__all__ if not n.startswith("_") and n not in classes]
    tables = [n for n in others if n in package._HOME and not n.isupper()]
    return f"""{_title("ferclassifier")}
What is imported from the top: ``from ferclassifier import FERClassifier``. Importing loads nothing
heavy.

{_autosummary(f"{FRONT_DOOR}.{n}" for n in classes)}
.. py:data:: ferclassifier.RECIPES

   Named settings of a fit, for ``FERClassifier(**RECIPES["plain"])``:

{_values(package.RECIPES)}
From the rooms
--------------

{_autosummary((f"{FRONT_DOOR}.{n}" for n in tables), toctree=False)}
Besides, ``EMOTIONS`` is that of :doc:`datasets`, ``exceptions`` is the room :doc:`exceptions`, and
``__version__`` is the version as a text.
"""


def _values(recipes: Any) -> str:
    return "".join(f"   - ``{name!r}``: ``{dict(value)}``\n" for name, value in recipes.items())


def _page(room: ModuleType) -> str:
    names = public_names(room)
    constants = [n for n in names if n.isupper()]
    errors = [n for n in names if _is_exception(getattr(room, n))]
    others = [n for n in names if n not in constants and n not in errors]
    parts = [_title(room.__name__), _first_paragraph(room), ""]
    if others:
        parts.append(_autosummary(where_imported(room, n) for n in others))
    parts += [_constant(room, n) for n in constants]
    parts += [f".. autoexception:: {room.__name__}.{n}\n   :show-inheritance:\n" for n in errors]
    return "\n".join(parts)


def _is_exception(value: Any) -> bool:
    return inspect.isclass(value) and issubclass(value, BaseException)


def _constant(room: ModuleType, name: str) -> str:
    value = getattr(room, name)
    if isinstance(value, dict):
        lines = "\n".join(f"   - ``{key!r}``: ``{item!r}``" for key, item in value.items())
        return f".. py:data:: {where_imported(room, name)}\n\n{lines}\n"
    return f".. py:data:: {where_imported(room, name)}\n   :value: {value!r}\n"


def _autosummary(names: Any, toctree: bool = True) -> str:
    listed = "\n".join(f"   {name}" for name in names)
    option = "   :toctree: names\n" if toctree else ""
    return f".. autosummary::\n{option}\n{listed}\n"


def _title(words: str) -> str:
    return f"{words}\n{'=' * len(words)}\n"


def _first_paragraph(room: ModuleType) -> str:
    """Return what a room is; what follows in its docstring are its files."""
    return (inspect.getdoc(room) or "").split("\n\n")[0].replace("\n", " ")


def _short(room: ModuleType) -> str:
    return room.__name__.removeprefix(f"{FRONT_DOOR}.")
