"""Tests of the estimators, in both conventions."""
