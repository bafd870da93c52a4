"""Counts lines of code: those with anything but comments, docstrings and blanks."""

import ast
import tokenize
from pathlib import Path

NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def code_lines(path: Path) -> set[int]:
    """Return the numbers of the lines that hold code."""
    lines = set()
    with tokenize.open(path) as file:
        for token in tokenize.generate_tokens(file.readline):
            if token.type not in NO_CODE:
                lines.update(range(token.start[0], token.end[0] + 1))
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines -= set(range(node.lineno, node.end_lineno + 1))
    return lines


def count(path: Path, *functions: str) -> int:
    """Count the code lines of a module, or of some of its functions.

    Of functions, the statement that packs the results into a `Run` does not count.
    """
    lines = code_lines(path)
    if not functions:
        return len(lines)
    wanted = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef) and node.name in functions:
            wanted |= set(range(node.lineno, node.end_lineno + 1)) - packing(node)
    return len(lines & wanted)


def packing(function: ast.FunctionDef) -> set[int]:
    """Return the lines of a final ``return Run(...)``."""
    last = function.body[-1]
    if isinstance(last, ast.Return) and "Run(" in ast.unparse(last):
        return set(range(last.lineno, last.end_lineno + 1))
    return set()


def count_cell(path: Path, title: str) -> int:
    """Count the code lines of the gallery cell with this title."""
    text = path.read_text().splitlines()
    starts = [i for i, line in enumerate(text, 1) if line.startswith("# %%")]
    for start, end in zip(starts, [*starts[1:], len(text) + 1], strict=True):
        if f"# {title}" in text[start:end]:
            return len(code_lines(path) & set(range(start, end)))
    raise ValueError(f"{path} must have a cell titled {title!r}.")
