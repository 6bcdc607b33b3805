"""Mien beside other programs that ship their weights; a section of `python -m benchmarks`."""
