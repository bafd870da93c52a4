"""Speed of fits and forecasts beside the peers, each way in a process of its own."""
