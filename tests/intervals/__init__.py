"""Tests of quantiles, intervals and variances."""
