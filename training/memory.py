"""How much memory this process has needed."""

from __future__ import annotations

import sys


def peak_memory() -> int | None:
    """The most memory that this process has held at one time so far, in MB; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6)
