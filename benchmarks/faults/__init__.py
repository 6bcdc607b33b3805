"""Faults made on purpose, and the outcome of each: `python -m benchmarks.faults`."""
