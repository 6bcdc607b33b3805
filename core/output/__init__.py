"""What becomes of readings: tables, files, summaries and drawn pictures."""
