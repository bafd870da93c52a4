"""Settings of the whole suite."""

# Files that take longest, in this order: with one file per worker at a time, a long one
# that starts last is waited for alone.
LONGEST = (
    "test_sktime_checks.py",
    "test_sklearn_checks.py",
    "test_reproducibility.py",
    "test_processes.py",
)


def pytest_collection_modifyitems(items):
    """Start with the files that take longest."""
    rank = {name: i for i, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(LONGEST)))
