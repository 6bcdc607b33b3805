"""The machine that something was measured on, and how busy it was."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

_LIBRARIES = ("numpy", "ai-edge-litert", "mediapipe", "opencv-python-headless", "tensorflow", "keras", "pyarrow")


def machine() -> dict:
    """Processor, memory, versions of Python and libraries, date, and load."""
    return {
        "processor": _processor(),
        "instructions": _instructions(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: metadata.version(name) for name in _LIBRARIES},
        "date": datetime.now(UTC).strftime("%d %B %Y, %H:%M UTC").lstrip("0"),
        "load": round(os.getloadavg()[0], 1),
    }


def describe(figures: dict) -> str:
    """Write the machine as one line.

    Args:
        figures: Result of `machine`.
    """
    versions = ", ".join(f"{name} {version}" for name, version in figures["versions"].items())
    return (
        f"{figures['date']}, on {figures['cores']} cores of {figures['processor']} "
        f"({figures.get('instructions', 'instructions not noted')}), {figures['memory_gb']:.0f} GB, "
        f"{figures['system']}, Python {figures['python']}, {versions}; load when it began: {figures['load']}"
        + (" (**busy: times are not to be trusted**)" if figures["load"] > figures["cores"] / 2 else "")
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _instructions() -> str:
    """Which of the instructions that make networks fast the processor has: "AVX2, no AVX512, no VNNI"."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    flags = next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), [])
    known = {"AVX2": "avx2", "AVX512": "avx512f", "VNNI": "vnni"}
    return ", ".join(name if any(part in flag for flag in flags) else f"no {name}" for name, part in known.items())
