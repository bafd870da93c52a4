"""Limits that can be set before TensorFlow is loaded."""

# The most programs that are kept; `skl_lstm.set_program_limit` changes it.
n_programs = 16
