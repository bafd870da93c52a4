"""Fixtures that the tests of the engine share."""

import pytest


@pytest.fixture
def calls(monkeypatch):
    """Record batches and learning rates of every call of `Program.train`."""
    from skl_lstm._engine.program import Program

    recorded, original = {"batches": [], "rates": []}, Program.train

    def record(self, state, data, batches, rates):
        recorded["batches"].append(batches)
        recorded["rates"].append(rates)
        return original(self, state, data, batches, rates)

    monkeypatch.setattr(Program, "train", record)
    return recorded
