"""Run the examples whose data cannot be bundled: `python docs/make_runs.py [NAME ...]`.

The site shows these notebooks as they are in `docs/runs`, with the date of their run; a
build downloads nothing. The environment variable ``SKL_LSTM_DATA`` names the folder of
the data, which `python -m benchmarks.data` describes.
"""

import datetime
import importlib.metadata
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
from nbclient import NotebookClient
from sphinx_gallery.gen_gallery import DEFAULT_GALLERY_CONF
from sphinx_gallery.notebook import jupyter_notebook
from sphinx_gallery.py_source_parser import split_code_and_text_blocks

ROOT = Path(__file__).parents[1]
RUNS = ROOT / "docs" / "runs"
SPAN = "2010-01-01", "2024-11-01"
NOTE = """> Run on {date} with skl_lstm {skl_lstm}, TensorFlow {tensorflow} and sktime
> {sktime}, by `python docs/make_runs.py` from `{script}`. Its data cannot be
> bundled{why}, so this page shows that run; to repeat it, run the script or download
> {{download}}`the notebook <{name}.ipynb>`.
"""
PRICES = ": here, adjusted daily bars of Stooq stand in for those of Yahoo"


def to_notebook(path: Path) -> Any:
    """Return an example as the gallery would offer it for download."""
    _, blocks = split_code_and_text_blocks(str(path))
    notebook = jupyter_notebook(blocks, dict(DEFAULT_GALLERY_CONF), path.parent)
    return nbformat.reads(json.dumps(notebook), as_version=4)


def execute(notebook: Any, environment: dict[str, str] | None = None) -> Any:
    """Run all cells of a notebook in a kernel of its own, or raise their error."""
    client = NotebookClient(notebook, timeout=1800, kernel_name="python3")
    client.execute(env=os.environ | (environment or {}), cwd=str(ROOT))
    for cell in notebook.cells:
        # What TensorFlow's libraries print while they start differs by machine.
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr"]
    return notebook


def lend_data(data: Path, home: Path) -> dict[str, str]:
    """Lay out the data of the benchmarks as `skl_lstm.datasets` keeps downloads."""
    for path in data.glob("beijing_pm25/*.csv"):
        (home / "beijing_pm25").mkdir()
        # The copy lacks the last line's end, which belongs to the published checksum.
        text = path.read_bytes().rstrip() + b"\r\n"
        (home / "beijing_pm25" / path.name).write_bytes(text)
    if (data / "hourly").is_dir():
        (home / "hourly").symlink_to((data / "hourly").resolve())
    (home / "prices").mkdir()
    for path in data.glob("stocks/*.csv"):
        table = pd.read_csv(path, index_col="Date")
        name = f"{path.stem.split('_')[0]}_{SPAN[0]}_{SPAN[1]}.csv"
        table[(table.index >= SPAN[0]) & (table.index < SPAN[1])].to_csv(
            home / "prices" / name
        )
    return {"SKL_LSTM_DATA": str(home)}


def describe_run(path: Path) -> str:
    """Say when, how and with what a notebook was run."""
    versions = {
        name: importlib.metadata.version(name)
        for name in ("skl_lstm", "tensorflow", "sktime")
    }
    why = PRICES if "fetch_prices" in path.read_text(encoding="utf-8") else ""
    date, script = datetime.date.today(), path.relative_to(ROOT).as_posix()
    return NOTE.format(date=date, script=script, why=why, name=path.stem, **versions)


def main(names: list[str]) -> None:
    """Run the examples of these names, or all."""
    data = Path(os.environ.get("SKL_LSTM_DATA", ROOT / "../shared/data"))
    RUNS.mkdir(exist_ok=True)
    for path in sorted((ROOT / "examples" / "downloads").glob("plot_*.py")):
        if names and path.stem not in names:
            continue
        with tempfile.TemporaryDirectory() as home:
            notebook = execute(to_notebook(path), lend_data(data, Path(home)))
        notebook.cells.insert(1, nbformat.v4.new_markdown_cell(describe_run(path)))
        nbformat.write(notebook, RUNS / f"{path.stem}.ipynb")
        print(f"{path.stem} -> {RUNS.relative_to(ROOT)}")


if __name__ == "__main__":
    main(sys.argv[1:])
