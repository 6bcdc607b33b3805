"""Random and altered files for every reader of files: `python -m benchmarks.fuzz`."""
