"""Keras layers of the recipes. Importing a module of this package imports Keras; importing the package does not."""
