"""How Sphinx makes the site: `make docs`."""

from __future__ import annotations

import os
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parent))

from _pages.api_pages import write_api_pages
from _pages.command_line import write_command_line
from _pages.formulas import add_mathml
from _pages.links import as_on_the_site
from _pages.model_cards import write_model_cards
from _pages.moved_pages import write_moved_pages
from _pages.places import DOCS, GALLERY, GENERATED, REPOSITORY
from docutils.nodes import literal

from ferclassifier import __version__

for write in (write_api_pages, write_command_line, write_model_cards, write_moved_pages):
    write()

project = "ferclassifier"
author = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["authors"][0]["name"]
copyright = author
release = version = __version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_pages", "_templates", "search.md", "generated/gallery/**.ipynb"]
templates_path = ["_templates"]
suppress_warnings = [
    "config.cache",  # the order of the gallery is a function
]
default_role = "py:obj"
smartquotes = False  # quotes are mostly code

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4

autosummary_generate = True
toc_object_entries_show_parents = "hide"
autodoc_typehints = "none"  # numpydoc has the types
numpydoc_show_class_members = False  # the template of a class shows them, once
numpydoc_class_members_toctree = False

html_math_renderer = "mathml"
html_theme = "pydata_sphinx_theme"
html_title = "ferclassifier"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_context = {"default_mode": "auto"}
# Pages without others below them have no list of these.
html_sidebars = {
    page: [] for page in ("index", "getting_started", "how_to", "pitfalls", "benchmarks")
}
html_theme_options = {
    "logo": {"text": "ferclassifier"},
    "header_links_before_dropdown": 6,
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
    "navigation_with_keys": False,
    "show_nav_level": 1,
    "back_to_top_button": True,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "github-dark-high-contrast",
}

# In the order in which they are shown, with what they are called with. One that is not listed stops
# the build. Long fits are made short; `make docs EXAMPLES=full` makes all of them as they are.
_scratch = tempfile.TemporaryDirectory()
_OUTPUT = ["--output", str(Path(_scratch.name, "clf.joblib"))]
EXAMPLES: dict[str, list[str]] = {
    "start_here.py": [],
    "train_and_evaluate.py": ["--samples", "1000", *_OUTPUT],
    "plot_photos.py": ["--short"],
    "plot_dataframe.py": [],
    "plot_pipeline.py": ["--short"],
    "plot_imbalance.py": [],
    "plot_grid_search.py": ["--short"],
    "plot_dask_search.py": ["--short"],
    "plot_voting.py": ["--short"],
    "plot_calibration.py": [],
    "plot_votes.py": ["--short"],
    "plot_inspection.py": ["--short"],
    "plot_saliency.py": [],
    "plot_audit.py": [],
    "plot_onnx.py": [],
    "plot_video.py": [],
    "plot_plain_cnn.py": [],
    "plot_class_weights.py": [],
    "plot_trained_model.py": [],
    "plot_elu_network.py": [],
    "plot_teaching_walk.py": [],
}
if os.environ.get("EXAMPLES") == "full":
    EXAMPLES = {name: [] for name in EXAMPLES} | {"train_and_evaluate.py": _OUTPUT}


def arguments(_gallery_conf: dict[str, Any], script: dict[str, Any]) -> list[str]:
    """Return what an example is called with."""
    return EXAMPLES[Path(script["src_file"]).name]


sphinx_gallery_conf = {
    "examples_dirs": str(REPOSITORY / "examples"),
    "gallery_dirs": str(GALLERY.relative_to(DOCS)),
    "filename_pattern": r"\.py$",
    "within_subsection_order": list(EXAMPLES).index,
    "backreferences_dir": str((GENERATED / "backreferences").relative_to(DOCS)),
    "doc_module": ("ferclassifier",),
    "reset_argv": arguments,
    "reset_modules": ("matplotlib",),
    "download_all_examples": False,
    "write_computation_times": False,
    "show_memory": False,
    "show_signature": False,
    "plot_gallery": "True",
    "abort_on_example_error": True,
    "remove_config_comments": True,
}


def skip_what_others_document(
    _app: Any, _what: str, _name: str, value: Any, skip: bool, _options: Any
) -> bool:
    """Leave out members that come from elsewhere: scikit-learn and Python document their own."""
    module = getattr(getattr(value, "fget", value), "__module__", None)
    return skip or not str(module).startswith("ferclassifier")


def without_private_bases(
    _app: Any, _name: str, _value: Any, _options: Any, bases: list[Any]
) -> None:
    """Name the bases that a caller can catch or import."""
    bases[:] = [base for base in bases if not base.__name__.startswith("_")]


def relink(app: Any, name: str, source: list[str]) -> None:
    """Let the links of a page lead to where their files stand on the site."""
    page = Path(app.env.doc2path(name))
    if page.suffix == ".md" and GENERATED not in page.parents:
        source[0] = as_on_the_site(source[0], page, page)


def mark_long_names(_app: Any, doctree: Any) -> None:
    """Let the style sheet know which names cannot stay on a line of a table."""
    for name in doctree.findall(literal):
        if len(name.astext()) > 38:
            name["classes"].append("long-name")


def setup(app: Any) -> None:
    """Connect what is done to pages."""
    add_mathml(app)
    app.connect("autodoc-skip-member", skip_what_others_document)
    app.connect("autodoc-process-bases", without_private_bases)
    app.connect("doctree-read", mark_long_names)
    app.connect("source-read", relink)
