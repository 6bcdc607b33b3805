"""Audit: what a dataset holds and what is wrong with it, before anything learns from it."""
