"""Keras layers of the recipes. Importing the package imports no Keras; importing its modules does, but for `graphs`."""
