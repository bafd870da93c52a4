"""Tests of windows, scaling and gaps."""
