"""Tests of what reads pandas data and time."""
