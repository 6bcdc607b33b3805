"""Fitting the engine's own weights, and checking the engine as a whole."""
