"""The promises of security and privacy, and whether they hold: `python -m benchmarks.security`."""
