"""Faults made on purpose, and what came of each: `python -m benchmarks.faults`."""
