"""Live in the visitor's own browser: the engine once more in JavaScript, and the files that a page serves for it."""
