"""What the site needs beyond Sphinx's extensions: arguments of examples, formulas."""

import os
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)

DOCS = Path(__file__).parent
OUT = DOCS / "_build" / "out"
DATA = Path(os.environ.get("SKL_LSTM_DATA", DOCS / "../../shared/data")).resolve()
# What an example reads that can be neither bundled nor, here, downloaded.
NEEDS = {
    "plot_stock_price": "stocks/AAPL*.csv",
    "plot_stock_tutorial": "stocks/AAPL*.csv",
    "plot_differenced_prices": "stocks/MSFT*.csv",
    "plot_beijing_pm25": "beijing_pm25/*.csv",
    "plot_pm25_tutorial": "beijing_pm25/*.csv",
}
SHOWN_ONLY = [name for name, files in NEEDS.items() if not list(DATA.glob(files))]
NOTE = """

.. note::
   Not executed when this page was built: its data, ``{}``, were not there, and a build
   downloads nothing. Run the example yourself to see numbers and pictures.

"""
TITLE = re.compile(r"^(=+\n)?\S.*\n=+\n", re.M)


def list_arguments(gallery_conf: dict, script_vars: dict) -> list[str]:
    """Return the command line of one example."""
    OUT.mkdir(parents=True, exist_ok=True)
    arguments = ["--out", str(OUT)]
    if Path(script_vars["src_file"]).stem in NEEDS:
        arguments += ["--data", str(DATA)]
    return arguments


def make_filename_pattern() -> str:
    """Return the pattern of the examples that are executed."""
    # A pattern needs something to leave out; no file is called plot_nothing.py.
    left_out = "|".join(SHOWN_ONLY) or "plot_nothing"
    return rf"/(?!({left_out})\.py)plot_"


def say_what_was_not_run(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the reason above an example that was not executed."""
    name = docname.rpartition("/")[2]
    title = TITLE.search(source[0])
    if docname.startswith("gallery/") and name in SHOWN_ONLY and title:
        end = title.end()
        source[0] = source[0][:end] + NOTE.format(NEEDS[name]) + source[0][end:]


def leave_out_missing_pages(app: Sphinx, docname: str, source: list[str]) -> None:
    """Take a page that is still to be written out of its table of contents."""
    if docname == "measured" and not (DOCS / "accuracy.md").exists():
        source[0] = source[0].replace("\naccuracy\n", "\n")


def write_formula(node: nodes.Node, display: str) -> str:
    """Return a formula as MathML; warn of what the converter has left as it was."""
    formula = convert(node.astext(), display=display)
    if "<mi>&</mi>" in formula or "\\" in formula:
        LOGGER.warning("not all of this formula is known: %s", node.astext())
    return formula


def write_inline(writer: Any, node: nodes.math) -> None:
    """Write a formula inside a line, as MathML, which browsers draw by themselves."""
    writer.body.append(write_formula(node, "inline"))
    raise nodes.SkipNode


def write_block(writer: Any, node: nodes.math_block) -> None:
    """Write a formula on a line of its own, which may scroll on a narrow screen."""
    formula = write_formula(node, "block")
    writer.body.append(f'<div class="formula">{formula}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register all of it."""
    app.add_html_math_renderer("mathml", (write_inline, None), (write_block, None))
    app.connect("source-read", say_what_was_not_run)
    app.connect("source-read", leave_out_missing_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
