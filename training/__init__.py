"""The workshop: datasets, fitting, evaluation, export."""
