"""Time and memory of a reading, of the loops of tutorials, of larger data and of live streams."""
