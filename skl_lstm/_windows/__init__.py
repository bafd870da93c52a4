"""What the network reads: windows of scaled rows, in NumPy."""
