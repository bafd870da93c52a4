"""Model files that were written once stay loadable, and say the same for ever."""

import json
from pathlib import Path

import numpy as np
import pytest

import skl_lstm
from skl_lstm._persistence._archive import FORMAT_VERSION
from tests.persistence.make_fixture import FOLDER, MODELS, ask

FILES = sorted(FOLDER.glob("*.model"))


def test_there_are_files_of_this_format():
    names = {path.stem for path in FILES}
    assert names == MODELS.keys()
    assert any(name.startswith(f"{FORMAT_VERSION}-") for name in names)


def assert_alike(found, expected):
    """Compare answers; another processor may round otherwise."""
    if isinstance(expected, dict):
        assert expected.keys() <= found.keys()
        for name, value in expected.items():
            assert_alike(found[name], value)
    elif isinstance(expected, list):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_alike(one, other)
    elif isinstance(expected, float):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
    else:
        assert found == expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_loads_and_says_what_it_said(path: Path):
    """Every fitted attribute, fitted parameter, forecast and interval."""
    answers = ask(skl_lstm.load_model(path), path.stem)
    assert_alike(answers, json.loads(path.with_suffix(".json").read_text()))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_that_loads_can_be_saved_again(path: Path, tmp_path):
    skl_lstm.save_model(skl_lstm.load_model(path), tmp_path / "again")
    answers = ask(skl_lstm.load_model(tmp_path / "again"), path.stem)
    assert_alike(answers, json.loads(path.with_suffix(".json").read_text()))
