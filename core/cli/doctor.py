"""The command `doctor`: whether this machine can read pictures, and what to do where it cannot."""

from __future__ import annotations

import ctypes
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from .. import model_store
from ..errors import AssetError, ModelError
from ..inference import installed
from ..output.provenance import version
from ..runtime import paths
from ..runtime.assets import ASSETS, Asset, find
from ..runtime.paths import COMMAND, INSTALLED, cache_folder

_OLDEST, _TOO_NEW = (3, 11), (3, 14)
_SYSTEM_LIBRARIES = {"libEGL.so.1": "libegl1", "libGLESv2.so.2": "libgles2"}  # and Debian's packages of them
_OPENCV = "opencv-python-headless"
if INSTALLED:  # beside MediaPipe's own OpenCV, which draws windows; a package cannot stand in for it as a checkout does
    _SYSTEM_LIBRARIES |= {"libGL.so.1": "libgl1", "libgthread-2.0.so.0": "libglib2.0-0"}
    _OPENCV = "opencv-contrib-python"


@dataclass(frozen=True)
class Check:
    """The outcome of one check.

    Attributes:
        name: The thing that was checked.
        ok: Whether it is as it should be.
        message: The finding, or advice on what to do.
    """

    name: str
    ok: bool
    message: str


def examine() -> Iterator[Check]:
    """Make all checks, one after the other; nothing is fetched, changed or left behind.

    Examples:
        >>> next(examine()).name
        'Mien'
    """
    yield Check("Mien", True, _version())
    yield _python()
    if sys.platform == "linux":
        yield from map(_system_library, _SYSTEM_LIBRARIES)
    yield _opencv()
    yield from map(_asset, ASSETS)
    yield _writable("cache folder", cache_folder())
    if not INSTALLED:
        yield _writable("runs folder", Path("runs").absolute())
    yield from _models()


def cv2_owners() -> list[str]:
    """Names of the installed distributions that put files into the package `cv2`."""
    return sorted(
        distribution.name
        for distribution in metadata.distributions()
        if any(file.parts[0] == "cv2" for file in distribution.files or ())
    )


def _version() -> str:
    return version() if INSTALLED else f"{version()}, a checkout at {Path(__file__).resolve().parents[2]}"


def _python() -> Check:
    python = ".".join(map(str, sys.version_info[:3]))
    if _OLDEST <= sys.version_info[:2] < _TOO_NEW:
        return Check("Python", True, python)
    return Check("Python", False, f"{python} is not supported: use 3.11, 3.12 or 3.13")


def _system_library(name: str) -> Check:
    try:
        ctypes.CDLL(name)
    except OSError:
        packages = " ".join(_SYSTEM_LIBRARIES.values())
        return Check(name, False, f"missing: run `sudo apt-get install {packages}` (or your system's equal)")
    return Check(name, True, "found")


def _opencv() -> Check:
    owners = cv2_owners()
    if owners == [_OPENCV]:
        return Check("OpenCV", True, f"cv2 {metadata.version(owners[0])} belongs to {owners[0]} alone")
    found = " and ".join(owners) or "no distribution"
    return Check(
        "OpenCV",
        False,
        f"cv2 belongs to {found}, not to {_OPENCV} alone: uninstall every opencv package, "
        f"then run `pip install {_OPENCV if INSTALLED else '-r requirements.txt'}`",
    )


def _asset(asset: Asset) -> Check:
    try:
        path = find(asset)
    except AssetError as error:
        return Check(asset.name, False, str(error))
    if path:
        return Check(asset.name, True, f"whole, at {path}")
    return Check(
        asset.name,
        not asset.required,
        f"not on this machine, needed for {asset.purpose}: run `{COMMAND} fetch`",
    )


def _writable(name: str, folder: Path) -> Check:
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            return Check(name, True, f"{folder} can be written")
    except OSError as error:
        return Check(name, False, f"{folder} cannot be written ({error.strerror}): change its owner or permissions")


def _models() -> Iterator[Check]:
    from ..inference import artifact  # brings OpenCV and NumPy, whose absence the checks above explain

    names = model_store.found()
    if not names:
        yield Check("models", False, "none is installed: run `python -m training train quick`")
    for name in names:
        try:
            artifact.verify(name)
        except ModelError as error:
            yield Check(f"model {name}", False, str(error))
        else:
            yield Check(f"model {name}", True, "whole, and gives its known answer")
    chosen = installed.chosen_default()
    if chosen and chosen not in installed.installed():
        file = paths.model_folders()[0] / installed.DEFAULT_FILE
        yield Check(
            "default model", False, f"{file} names {chosen!r}, which cannot be used: choose another or delete it"
        )
