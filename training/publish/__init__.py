"""Texts and charts generated for readers: model cards and the page of results."""
