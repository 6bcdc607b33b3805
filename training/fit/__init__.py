"""Teaching a model."""
