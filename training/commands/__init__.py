"""The commands of `python -m training`, a few to a file."""
