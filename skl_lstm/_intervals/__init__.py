"""How far forecasts may err."""
