"""Features of whole datasets, computed in parallel and kept."""
