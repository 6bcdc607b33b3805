"""Site: the folder of files that lets a page read faces in the visitor's browser; any web server can serve it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from ai_edge_litert import schema_py_generated as schema

from core import model_store
from core.cards import Card
from core.errors import AssetError
from core.inference import installed
from core.inference.artifact import MODEL_FILE
from core.model_store import read_verified
from core.runtime import assets
from core.runtime.files import write_whole
from webapp.browser import facts, runtime

MODELS = ("flagship-tiny", "flagship")
"""The models that are offered where nothing else is said, the one to begin with first: it reads three times as fast."""

ASSETS = (runtime.SCRIPT, runtime.WASM, assets.FACE_DETECTOR)
"""The third-party files that a browser reads with."""

FILES = "files.json"
"""Name of the file that lists all others: addresses of the engine's parts, what is known of the models, the version."""

_HERE = Path(__file__).parent

FOLDER = _HERE.parent / "static" / "browser"
"""Where the studio and the Space write the files; Streamlit serves the folder `static` beside its main script."""

_SCRIPTS = (_HERE / "bundle" / "worker.js", _HERE / "bundle" / "mien.js", _HERE / "page" / "style.css")
_LICENCE = _HERE.parents[1] / "LICENSE"  # the Apache License 2.0, which is LiteRT's too


def write(folder: Path, names: Sequence[str] = MODELS) -> str:
    """Write the files that every shell serves; one that is there and the same is left as it is.

    Args:
        folder: Folder to write to; made if need be.
        names: Names of installed models that read the grey crop, the one to begin with first.

    Returns:
        The version of what was written, another one as soon as any file is.

    Raises:
        AssetError: The runtime or the face detector cannot be had.
        ModelError: A model is not installed, or is damaged.
        OSError: The folder cannot be written.
    """
    parts = dict(zip(("script", "wasm", "detector"), map(assets.path_of, ASSETS), strict=True))
    files = {path.name: path.read_bytes() for path in (*_SCRIPTS, *parts.values())}
    files["LICENSE-LiteRT.txt"] = _LICENCE.read_bytes()
    known = []
    for name in names:
        card, content = _model(name)
        files[f"{name}.tflite"] = content
        known.append({"card": facts.of_model(card), "network": f"{name}.tflite"})
    listed = {name: path.name for name, path in parts.items()}
    listed |= {"models": known, "version": version(files), "all": sorted(files)}
    files[FILES] = json.dumps(listed).encode()
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        if not (path.is_file() and path.read_bytes() == content):
            write_whole(path, content)
    return listed["version"]


def can_be_had() -> bool:
    """Whether all third-party files that a browser reads with are on this machine; fetches nothing."""
    try:
        return all(assets.find(asset) for asset in ASSETS)
    except AssetError:
        return False  # another file lies in its place, which `doctor` tells


def models() -> list[str]:
    """The installed models that can be read with in a browser, networks that see the grey crop; the fast one first."""
    cards = installed.installed()
    fitting = [name for name, card in cards.items() if card.feature["name"] == "pixels" and MODEL_FILE in card.files]
    return sorted(fitting, key=lambda name: MODELS.index(name) if name in MODELS else len(MODELS))


def with_batch_of_one(content: bytes) -> bytes:
    """A `.tflite` file that takes one example at a time, where Keras left the number open; LiteRT.js wants it known.

    Args:
        content: Content of the file.
    """
    changed = bytearray(content)
    model = schema.Model.GetRootAs(changed)
    graphs = (model.Subgraphs(index) for index in range(model.SubgraphsLength()))
    for tensor in (graph.Tensors(index) for graph in graphs for index in range(graph.TensorsLength())):
        if tensor.ShapeSignatureLength():
            sides = tensor.ShapeSignatureAsNumpy()  # a view of the file's own bytes
            sides[sides < 0] = 1
    return bytes(changed)


def version(files: Mapping[str, bytes]) -> str:
    """A name for what files hold: another one as soon as any of them changes.

    Args:
        files: Contents by name.
    """
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode() + hashlib.sha256(files[name]).digest())
    return digest.hexdigest()[:16]


def _model(name: str) -> tuple[Card, bytes]:
    folder = model_store.folder_of(name)
    card = Card.load(folder)
    return card, with_batch_of_one(read_verified(folder, card, MODEL_FILE))
