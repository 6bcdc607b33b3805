"""Models from elsewhere: described in words, loaded without running code of theirs, and brought to Mien's labels."""
