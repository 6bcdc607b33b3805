"""LiteRT.js: the runtime of networks in the visitor's browser, fetched like the engine's other third-party files.

`python -m webapp.browser.runtime` fetches it ahead of the first visit.
"""

import sys

from core.errors import MienError
from core.runtime import assets
from core.runtime.assets import Asset, Source
from core.runtime.wheel_source import NpmPackage

_PACKAGE, _VERSION = "@litertjs/core", "2.5.3"
_DELIVERED = f"https://cdn.jsdelivr.net/npm/{_PACKAGE}@{_VERSION}"


def _file(name: str, purpose: str, size: int, sha256: str) -> Asset:
    member = f"wasm/{name}"
    origins = (f"{_DELIVERED}/{member}", NpmPackage(_PACKAGE, _VERSION, member))
    return Asset(purpose, "reading faces in the browser", tuple(Source(each, name, size, sha256) for each in origins))


SCRIPT = _file(
    "litert_wasm_compat_internal.js",
    "browser runtime's script",
    273_246,
    "4d8f894b7883654fd6e8439730aa41e79ceaab7d19184fc4f1f0b0f1a2a2c8a5",
)

WASM = _file(
    "litert_wasm_compat_internal.wasm",
    "browser runtime",
    9_334_181,
    "5255c8ad06eabdbd2522cdebf6b22fc10faf74625c23a49b9e072570cd1fa41c",
)
"""The build for one thread that every browser with WebAssembly runs: threads gave nothing, and want special headers."""

if __name__ == "__main__":
    try:
        for asset in (SCRIPT, WASM):
            sys.stdout.write(f"{asset.name}: {assets.path_of(asset)}\n")
    except MienError as error:
        sys.exit(str(error))
