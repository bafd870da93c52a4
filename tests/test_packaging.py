"""The declared range of dependencies, and the versions it is tested with."""

import re
import tomllib

from tests import ROOT


def read_pins():
    lines = (ROOT / "requirements-lowest.txt").read_text().splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def test_the_oldest_versions_are_those_declared():
    with open(ROOT / "pyproject.toml", "rb") as file:
        project = tomllib.load(file)["project"]
    extras = project["optional-dependencies"]
    declared = [*project["dependencies"], *extras["plot"], *extras["data"]]
    bounds = [re.match(r"([\w-]+)>=([\w.]+)", line).groups() for line in declared]
    pins = read_pins()
    assert pins.keys() == {name for name, _ in bounds}
    for name, bound in bounds:
        parts = pins[name].split(".")
        assert parts[: len(bound.split("."))] == bound.split("."), name
        assert not any(int(part) for part in parts[len(bound.split(".")) :]), name


def test_the_conda_recipe_has_the_dependencies_of_the_project():
    with open(ROOT / "pyproject.toml", "rb") as file:
        project = tomllib.load(file)["project"]
    text = (ROOT / "packaging" / "conda" / "meta.yaml").read_text(encoding="utf-8")
    run = text.split("  run:\n")[1].split("\n\n")[0]
    listed = {line.strip("- ").replace(" ", "") for line in run.splitlines()}
    assert listed == {*project["dependencies"], f"python{project['requires-python']}"}
