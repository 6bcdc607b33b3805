"""Fitting recipes."""
