"""Accuracy of the defaults beside naive, linear and statistical methods."""
