"""What the site needs beyond Sphinx's extensions: executed snippets, formulas."""

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)

# Snippets that start clusters, or that download: shown, not executed.
NOT_EXECUTED = {"scaling"}
HEAD = """---
file_format: mystnb
kernelspec: {name: python3, display_name: Python 3, language: python}
---

"""
SNIPPET = re.compile(r"^```python$", re.M)


def make_snippets_run(app: Sphinx, docname: str, source: list[str]) -> None:
    """Have the Python snippets of a page executed, and their results shown below.

    The pages stay plain Markdown, which other readers highlight as Python.
    """
    is_page = Path(app.env.doc2path(docname)).suffix == ".md"
    if is_page and docname not in NOT_EXECUTED and SNIPPET.search(source[0]):
        source[0] = HEAD + SNIPPET.sub("```{code-cell} python3", source[0])


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
    app.connect("source-read", make_snippets_run)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
