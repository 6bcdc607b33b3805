"""What is claimed of speed, size and endurance, measured: `python -m benchmarks`, `python -m benchmarks.soak`."""
