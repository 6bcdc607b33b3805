"""Mixed use for minutes, to see whether anything fails, slows down or grows: `python -m benchmarks.soak`."""
