"""Faces over time: tracking, smoothing, baselines."""
