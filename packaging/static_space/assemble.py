"""Assemble a static page that reads faces in the visitor's browser: `make static-space`.

The folder is a whole Hugging Face Space (`sdk: static`), and any other web server's.
"""

import argparse
import json
import shutil
import string
import sys
import tempfile
from pathlib import Path

# Python puts only this script's own folder on the path.
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from core import model_store  # noqa: E402
from core.cards import Card, dataset_title  # noqa: E402
from core.errors import MienError  # noqa: E402
from webapp.browser import site  # noqa: E402

_HERE = Path(__file__).parent
_PAGE = ("index.html", "page.js", "page.css")


def assemble(out: Path) -> None:
    """Make the folder, whole or not at all: one that was there is replaced when the new one is complete.

    Raises:
        MienError: The runtime, the face detector or a model cannot be had.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as scratch:
        new, old = Path(scratch, "new"), Path(scratch, "old")
        _write(new)
        if out.exists():
            out.rename(old)
        new.rename(out)


def _write(folder: Path) -> None:
    site.write(folder)
    for name in _PAGE:
        shutil.copy(_HERE / name, folder / name)
    shutil.copy(ROOT / "webapp" / "assets" / "icon.svg", folder / "icon.svg")
    listed = json.loads((folder / site.FILES).read_text())
    later = {model["network"] for model in listed["models"][1:]}  # kept when they are first read with
    first = ["./", *sorted({path.name for path in folder.iterdir()} - later)]
    offline = string.Template((_HERE / "offline.js").read_text())
    version = site.version({path.name: path.read_bytes() for path in folder.iterdir()})
    (folder / "offline.js").write_text(offline.substitute(version=version, first=json.dumps(first)))
    titles = {dataset_title(Card.load(model_store.folder_of(name)).data.get("name", "")) for name in site.MODELS}
    filled = string.Template((_HERE / "README.md").read_text()).substitute(
        models=", ".join(f"`{name}`" for name in site.MODELS),
        origins=f"They were trained on {' and '.join(sorted(filter(None, titles))) or 'pictures unknown'}",
    )
    (folder / "README.md").write_text(filled)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "static-space")
    folder = parser.parse_args().out
    try:
        assemble(folder)
    except MienError as error:
        sys.exit(str(error))
    megabytes = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    sys.stdout.write(f"{folder}: {megabytes:.1f} MB\n")
