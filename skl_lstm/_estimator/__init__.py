"""Fit and predict in both conventions: what users call."""
