"""What users have: pandas data, panels, time."""
