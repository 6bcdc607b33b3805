"""Measurements of speed, size, endurance and safety, which write docs/benchmarks.md and docs/reliability.md."""
