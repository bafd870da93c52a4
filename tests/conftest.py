"""Settings of the whole suite."""

import os

import pytest

# Files that take longest, in this order: with one file per worker at a time, a long one
# that starts last is waited for alone.
LONGEST = (
    "test_sktime_checks.py",
    "test_sklearn_checks.py",
    "test_docs.py",
    "test_reproducibility.py",
    "test_processes.py",
)


# What `make test-fast` leaves out: files that take longest, or start processes.
THOROUGH = {
    *LONGEST,
    "test_atomicity.py",
    "test_catalogues.py",
    "test_errors_of_calls.py",
    "test_errors_of_parameters.py",
    "test_examples.py",
    "test_files.py",
    "test_fuzz.py",
    "test_models.py",
    "test_properties.py",
    "test_public_surface.py",
    "test_rows.py",
    "test_site.py",
}


def pytest_collection_modifyitems(items):
    """Start with the files that take longest; mark them."""
    for item in items:
        if item.path.name in THOROUGH:
            item.add_marker(pytest.mark.thorough)
    rank = {name: i for i, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(LONGEST)))


def pytest_addoption(parser):
    """Add the option that `make test-times` sets."""
    parser.addoption(
        "--processor-time",
        action="store_true",
        help="count seconds of processor time, child processes included, as the "
        "duration of a test: other jobs of the machine do not change it",
    )


def pytest_configure(config):
    """Obey the option."""
    if config.getoption("--processor-time"):
        config.pluginmanager.register(ProcessorTime())


class ProcessorTime:
    """Make the duration of each phase of a test its processor time."""

    def __init__(self):
        self._before = sum(os.times()[:4])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self):
        """Count what was spent since the report before."""
        report = yield
        before, self._before = self._before, sum(os.times()[:4])
        report.duration = self._before - before
        return report
