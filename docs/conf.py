"""Settings of the site: `make docs` builds it, warnings are errors.

Nothing is fetched while it is built or read: formulas become MathML, and examples
whose data are not at hand are shown, but not executed, and say so.
"""

import os
import re
import warnings
from pathlib import Path

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx

import skl_lstm

DOCS = Path(__file__).parent
ROOT = DOCS.parent

project = "skl_lstm"
author = "The skl_lstm developers"
project_copyright = "2026, the skl_lstm developers. BSD-3-Clause"
version = release = skl_lstm.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
nitpicky = False

# Pages ------------------------------------------------------------------------

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
copybutton_exclude = ".linenos, .gp, .go"
html_math_renderer = "mathml"

html_theme = "pydata_sphinx_theme"
html_title = "skl_lstm"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_theme_options = {
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "navigation_with_keys": False,
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {"index": [], "install": [], "changes": [], "faq": []}

# API --------------------------------------------------------------------------

autodoc_typehints = "none"
autosummary_generate = True
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

# Gallery ----------------------------------------------------------------------

DATA = Path(os.environ.get("SKL_LSTM_EXAMPLE_DATA", ROOT / "../shared/data")).resolve()
# What an example reads that can be neither bundled nor, here, downloaded.
NEEDS = {
    "plot_stock_price": "stocks/AAPL*.csv",
    "plot_stock_tutorial": "stocks/AAPL*.csv",
    "plot_differenced_prices": "stocks/MSFT*.csv",
    "plot_beijing_pm25": "beijing_pm25/*.csv",
    "plot_pm25_tutorial": "beijing_pm25/*.csv",
}
SHOWN_ONLY = [name for name, files in NEEDS.items() if not list(DATA.glob(files))]
# No file is called plot_nothing.py, and a pattern needs something to leave out.
LEFT_OUT = "|".join(SHOWN_ONLY) or "plot_nothing"
NOTE = """
.. note::
   Not executed when this page was built: the data, ``{}``, were not there, and
   a build downloads nothing. Run the example yourself to see numbers and pictures.
"""


class ExampleArguments:
    """The command line of every example."""

    def __call__(self, gallery_conf: dict, script_vars: dict) -> list[str]:
        """Return the arguments of one example."""
        arguments = ["--out", str(DOCS / "_build" / "out")]
        if Path(script_vars["src_file"]).stem in NEEDS:
            arguments += ["--data", str(DATA)]
        return arguments

    def __repr__(self) -> str:
        # Without an address in memory, or every build would see another setting.
        return "ExampleArguments"


(DOCS / "_build" / "out").mkdir(parents=True, exist_ok=True)
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": rf"/(?!({LEFT_OUT})\.py)plot_",
    "ignore_pattern": r"(__init__|demo)\.py",
    "subsection_order": ["../examples/tutorials", "../examples/concepts"],
    "within_subsection_order": "FileNameSortKey",
    "nested_sections": False,
    "reset_argv": ExampleArguments(),
    "reset_modules": ("matplotlib",),
    "download_all_examples": False,
    "show_signature": False,
    "remove_config_comments": True,
    "min_reported_time": 3600,
    "plot_gallery": "True",
    "abort_on_example_error": False,
    "only_warn_on_example_error": False,
}
# sktime announces its own next version at every fit.
warnings.filterwarnings("ignore", category=FutureWarning, module="sktime")


def say_what_was_not_run(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the reason above an example that was not executed."""
    name = docname.rpartition("/")[2]
    if docname.startswith("gallery/") and name in SHOWN_ONLY:
        title = re.compile(r"^(=+\n)?.+\n=+\n", re.M)
        end = title.search(source[0]).end()
        source[0] = source[0][:end] + NOTE.format(NEEDS[name]) + source[0][end:]


# Formulas ---------------------------------------------------------------------


def write_inline(writer: object, node: nodes.math) -> None:
    """Write a formula inside a line."""
    writer.body.append(convert(node.astext(), display="inline"))
    raise nodes.SkipNode


def write_block(writer: object, node: nodes.math_block) -> None:
    """Write a formula on a line of its own, which may scroll on a narrow screen."""
    formula = convert(node.astext(), display="block")
    writer.body.append(f'<div class="formula">{formula}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register what is of our own."""
    app.add_html_math_renderer("mathml", (write_inline, None), (write_block, None))
    app.connect("source-read", say_what_was_not_run)
