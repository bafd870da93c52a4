"""Tests of what turns parameters and series into a model."""
