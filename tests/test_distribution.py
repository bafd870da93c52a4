"""What is published: an sdist and a wheel that work where nothing else is installed."""

import os
import re
import subprocess
import sys
import tarfile
import zipfile

import pytest

import skl_lstm
from tests import ROOT
from tests.test_docs import read_snippets

pytestmark = pytest.mark.slow
PAGES = ("README.md", "docs/quickstart.md")


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    """Build both files, the wheel from the sdist; return sdist and wheel."""
    pytest.importorskip("build")
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT))
    sdist, wheel = sorted(folder.iterdir(), key=lambda path: path.suffix)
    return sdist, wheel


def test_both_files_carry_the_version_and_hold_what_they_should(dist):
    sdist, wheel = dist
    name = f"skl_lstm-{skl_lstm.__version__}"
    assert sdist.name == f"{name}.tar.gz"
    assert wheel.name.startswith(f"{name}-py3-none-any")
    with tarfile.open(sdist) as file:
        names = {n.removeprefix(f"{name}/") for n in file.getnames()}
    assert {"README.md", "LICENSE", "CITATION.cff", "docs/index.md"} <= names
    assert not any(n.startswith((".ci", ".venv", "out/", "dist/")) for n in names)
    with zipfile.ZipFile(wheel) as file:
        folders = {n.split("/")[0] for n in file.namelist()}
        assert "skl_lstm/py.typed" in file.namelist()
    assert folders == {"skl_lstm", f"{name}.dist-info"}


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("versions", ["newest", "lowest"])
def test_a_fresh_environment_runs_readme_and_quick_start(dist, tmp_path, versions):
    if versions == "lowest" and sys.version_info >= (3, 13):
        pytest.skip("the oldest versions have no wheels for Python 3.13")
    _, wheel = dist
    run(sys.executable, "-m", "venv", str(tmp_path / "env"))
    python = str(tmp_path / "env" / "bin" / "python")
    limits = ["-c", str(ROOT / "requirements-lowest.txt")]
    # With the extras that README names, and no other.
    extras = re.search(
        r'pip install "\.(\[[\w,]+\])"', (ROOT / "README.md").read_text()
    )
    wanted = f"{wheel}{extras.group(1)}"
    install = [python, "-m", "pip", "install", "--quiet", wanted]
    run(*install, *(limits if versions == "lowest" else []))
    environment = {**os.environ, "MPLBACKEND": "Agg"}
    environment.pop("PYTHONPATH", None)
    for page in PAGES:
        # From a folder of its own, so that the checkout cannot be imported.
        script = tmp_path / page.replace("/", "_").replace(".md", ".py")
        script.write_text("\n\n".join(read_snippets(page)))
        run(python, str(script), cwd=tmp_path, env=environment)
    where = run(python, "-c", "import skl_lstm; print(skl_lstm.__file__)", cwd=tmp_path)
    assert where.startswith(str(tmp_path))
