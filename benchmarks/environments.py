"""Environments under `.bench/` for programs that the project measures or asks but does not depend on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""Root of the checkout."""

FOLDER = ROOT / ".bench"
"""Folder of the environments, one subfolder each."""


class NotInstallable(Exception):
    """A program cannot be installed on this machine; the message gives the reason."""


def install_into(home: Path, *packages: str) -> None:
    """Install Python packages into a folder for one program's `PYTHONPATH`, unless they are there already.

    Args:
        home: Folder to install into; an unfinished one is deleted first.
        packages: Requirements, as pip takes them.

    Raises:
        NotInstallable: pip fails on this machine.
    """
    if not is_complete(home):
        shutil.rmtree(home, ignore_errors=True)
        pip_install(Path(sys.executable), "--only-binary", ":all:", "--target", str(home), *packages)
        mark_complete(home)


def pip_install(python: Path, *arguments: str) -> None:
    """Run `pip install` with an environment's own Python.

    Raises:
        NotInstallable: pip fails.
    """
    run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments])


def run(command: list[str], folder: Path | None = None) -> None:
    """Run an installer to its end.

    Args:
        command: Program and arguments.
        folder: Working folder; the present one without.

    Raises:
        NotInstallable: The program is missing or fails; the message is its last line about an error.
    """
    try:
        ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except OSError as error:
        raise NotInstallable(f"{command[0]} cannot be started ({error.strerror})") from None
    if ended.returncode:
        lines = [line for line in ended.stderr.splitlines() if "error" in line.lower()] or [f"{command[0]} failed"]
        raise NotInstallable(lines[-1].strip()[:200])


def is_complete(home: Path) -> bool:
    """Whether an earlier installation into the folder ran to its end."""
    return (home / "complete").exists()


def mark_complete(home: Path) -> None:
    """Note that the installation into the folder ran to its end."""
    (home / "complete").touch()
