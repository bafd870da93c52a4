"""From parameters and series to a trained model."""
