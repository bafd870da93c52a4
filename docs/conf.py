"""Settings of the site: `make docs` builds it, warnings are errors.

Snippets of the pages and examples of the gallery are executed. Nothing is fetched while
the site is built or read: formulas become MathML, and examples whose data cannot be
bundled are shown from the runs in `runs`, and say so.
"""

import sys
from pathlib import Path

import skl_lstm

sys.path.insert(0, str(Path(__file__).parent))

project = "skl_lstm"
author = "The skl_lstm developers"
project_copyright = "2026, the skl_lstm developers. BSD-3-Clause"
version = release = skl_lstm.__version__

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
    "site_extension",
]
exclude_patterns = ["_build"]
# Notebooks that the gallery offers for download are no pages.
exclude_patterns += ["gallery/*.ipynb", "gallery/*/*.ipynb"]
templates_path = ["_templates"]
nitpicky = False

# Pages ------------------------------------------------------------------------

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
# Each page in a process of its own; a page is run again when its snippets change.
nb_execution_mode = "cache"
nb_execution_cache_path = str(Path(__file__).parent / "_build" / "snippets")
nb_execution_excludepatterns = ["runs/*"]
nb_execution_raise_on_error = True
nb_execution_timeout = 900
nb_merge_streams = True
# TensorFlow's libraries print there while they start, on each machine something else.
# `tests/test_docs.py` sees to it that first pages raise no warning.
nb_output_stderr = "remove"
nb_kernel_rgx_aliases = {".*": "python3"}
copybutton_exclude = ".linenos, .gp, .go"
html_math_renderer = "mathml"

html_theme = "pydata_sphinx_theme"
html_title = "skl_lstm"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_theme_options = {
    "navbar_align": "left",
    "header_links_before_dropdown": 7,
    "navigation_with_keys": False,
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": [],
}
# Pages that belong to no section need no list of its pages.
html_sidebars = {
    name: []
    for name in (
        "index",
        "install",
        "quickstart",
        "when_not",
        "architecture",
        "cells",
        "migrating",
        "faq",
        "upgrading",
        "changes",
    )
}

# API --------------------------------------------------------------------------

autodoc_typehints = "none"
autosummary_generate = True
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

# Gallery ----------------------------------------------------------------------

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "ignore_pattern": r"(__init__|demo)\.py|/downloads/",
    "subsection_order": ["../examples/concepts"],
    "within_subsection_order": "FileNameSortKey",
    "nested_sections": False,
    "image_srcset": ["2x"],
    "capture_repr": ("_repr_html_",),
    "reset_modules": ("matplotlib",),
    "download_all_examples": False,
    "show_signature": False,
    "remove_config_comments": True,
    "min_reported_time": 3600,
    "write_computation_times": False,
    "plot_gallery": "True",
    "abort_on_example_error": False,
    "only_warn_on_example_error": False,
}
