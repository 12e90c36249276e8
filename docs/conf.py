"""How Sphinx builds the site: ``sphinx-build -W -n docs build/site``."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(HERE / "_ext"))
# Nets this small are slower with several threads; examples run side by side.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import mfccclf  # noqa: E402

project = "mfccclf"
author = "the mfccclf developers"
version = release = mfccclf.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_parser",
    "sphinx_design",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
    "api_pages",
    "command_pages",
    "root_pages",
]
exclude_patterns = ["_build", "gallery/*.ipynb", "gallery/*.py"]
default_role = "mfccclf"
# Quotes and ellipses, but no dashes: help texts name options such as --window.
smartquotes_action = "qe"
nitpicky = True
suppress_warnings = [
    # The gallery's configuration holds functions, which pickle cannot compare.
    "config.cache",
]

autosummary_generate = False
autodoc_typehints = "none"
# Each entry has a heading already, which the list beside a page shows.
toc_object_entries = False
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4

html_theme = "pydata_sphinx_theme"
html_title = "mfccclf"
html_favicon = "_static/icon.svg"
# Light or dark as the reader's system is, until the reader chooses.
html_context = {"default_mode": "auto"}
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_theme_options = {
    "logo": {"text": "mfccclf"},
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "navigation_with_keys": False,
    "show_prev_next": True,
    "show_toc_level": 2,
    # Examples have their links at the end, and need the width for their code.
    "secondary_sidebar_items": {"[!g]**": ["page-toc"], "gl*": ["page-toc"]},
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
}
copyright = f"2026, {author}"

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# Addresses are looked up by ``-b linkcheck``, where there is a network.
linkcheck_anchors = False
linkcheck_timeout = 15

sphinx_gallery_conf = {
    "examples_dirs": [str(ROOT / "examples" / "gallery")],
    "gallery_dirs": ["gallery"],
    "filename_pattern": r"plot_",
    "capture_repr": ("_repr_html_", "__repr__"),
    "ignore_repr_types": r"matplotlib|mfccclf\.plots|Display",
    "doc_module": ("mfccclf",),
    "backreferences_dir": None,
    "reset_modules": ("matplotlib",),
    "abort_on_example_error": True,
    "download_all_examples": False,
    "min_reported_time": 1,
    # Its page would load scripts from elsewhere.
    "write_computation_times": False,
    "parallel": int(os.environ.get("MFCCCLF_DOCS_JOBS", "2")),
    "image_srcset": ["2x"],
    "show_signature": False,
    "remove_config_comments": True,
    "within_subsection_order": "FileNameSortKey",
}
# A warning in an example is a fault of the example, and shows in its output.
warnings.filterwarnings("ignore", category=DeprecationWarning)
