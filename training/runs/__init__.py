"""Run folders, and the log that MLflow keeps of them."""
