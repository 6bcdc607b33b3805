"""The engine: a picture goes in, readings come out."""
