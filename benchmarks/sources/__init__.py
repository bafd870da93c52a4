"""The four programs that the package comes from, and ours beside them.

`stock_price`, `noisy_sine`, `beijing_pm25` and `differenced_prices` hold the original
logic in plain Keras, leaks included. They are yardsticks: the package never imports
them. `python -m benchmarks.sources` measures both sides and writes `docs/sources.md`.
"""
