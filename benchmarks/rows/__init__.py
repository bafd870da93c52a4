"""Forecasts with columns known ahead, in scikit-learn's and sktime's spelling."""
