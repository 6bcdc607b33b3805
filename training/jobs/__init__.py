"""Trainings that run in the background, independent of the studio."""
