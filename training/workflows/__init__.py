"""From a recipe or a file to an installed model, in one call each."""
