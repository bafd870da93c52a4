"""The trained model and what it says."""
