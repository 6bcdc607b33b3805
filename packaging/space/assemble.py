"""Assemble a complete Hugging Face Space: `python packaging/space/assemble.py`, or `make space`."""

import argparse
import shutil
import string
import sys
import tempfile
from importlib import metadata
from pathlib import Path

# Python puts only this script's own folder on the path.
ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "packaging")]

import locked  # noqa: E402

from core import model_store  # noqa: E402
from core.cards import CARD_FILE, Card, dataset_title  # noqa: E402
from core.features import FEATURES  # noqa: E402
from core.inference import artifact, installed  # noqa: E402
from core.runtime import assets  # noqa: E402
from webapp.browser import runtime  # noqa: E402
from webapp.space.uploads import KEPT_MINUTES  # noqa: E402

PYTHON_VERSION = "3.11"

MODELS = ("flagship-tiny", "embedder")
"""Besides the default model. LiteRT runs them, so that scikit-learn need not be installed, and all that are shipped,
loaded at once, leave the process under 500 MB."""

NEEDED = (
    "ai-edge-litert",
    "flatbuffers",
    "gradio",
    "mediapipe",
    "numpy",
    "opencv-python-headless",
    "pi-heif",
    "pillow",
    "platformdirs",
    "plotly",
    "pooch",
    "pyarrow",
    "requests",
    "scipy",
    "tqdm",
)
"""What the code of the Space imports."""

# A Space is built with nothing but requirements.txt in sight (https://github.com/gradio-app/gradio/pull/7376 shows the
# line), so the stand-in of packaging/opencv-contrib-python, a path, cannot be in it. That one distribution owns cv2
# holds all the same: MediaPipe's own choice in place of the headless one, with the libraries that packages.txt adds.
INSTEAD = {"opencv-python-headless": "opencv-contrib-python"}

UNPINNED = ("pydantic==", "pydantic-core==")
"""Hugging Face installs gradio[mcp,oauth] in one go with requirements.txt (https://github.com/google/orbax/issues/510
shows a build), and these extras want an older pydantic than the lock has; Gradio does with either."""

_HERE = Path(__file__).parent
_CODE = (
    "core",
    "webapp/browser",
    "webapp/space",
    "webapp/__init__.py",
    "webapp/charts/__init__.py",
    "webapp/charts/answers.py",
    "webapp/charts/theme.py",
    "LICENSE",
)
_NOT_CODE = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", "node_modules")


def assemble(out: Path) -> None:
    """Make the folder, whole or not at all: one that was there is replaced when the new one is complete."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as scratch:
        new, old = Path(scratch, "new"), Path(scratch, "old")
        new.mkdir()
        _write(new)
        if out.exists():
            out.rename(old)
        new.rename(out)


def models() -> list[str]:
    """Names of the models that go along, the default first: those named, and those whose files they run."""
    names = list(dict.fromkeys([installed.default_model(), *MODELS]))
    for name in names:  # which grows
        feature = Card.load(model_store.folder_of(name)).feature["name"]
        names += {file.model for file in FEATURES[feature].model_files} - set(names)
    return names


def origins(names: list[str]) -> str:
    """Which dataset each model was trained on, as its card has it."""
    titles = {name: dataset_title(Card.load(model_store.folder_of(name)).data.get("name", "")) for name in names}
    if len(set(titles.values())) == 1 and titles[names[0]]:
        return f"They were trained on {titles[names[0]]}"
    told = (f"`{name}` was trained on {title or 'pictures unknown'}" for name, title in titles.items())
    return ", ".join(told)


def requirements() -> str:
    """The text of the Space's requirements.txt."""
    lines = locked.pins((ROOT / "requirements.txt").read_text(), NEEDED, INSTEAD)
    return "".join(f"{line}\n" for line in lines if not line.startswith(UNPINNED))


def _write(folder: Path) -> None:
    for name in _CODE:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=_NOT_CODE)
        else:
            shutil.copy(source, target)
    for name in ("app.py", "packages.txt"):
        shutil.copy(_HERE / name, folder / name)
    for path in filter(None, map(assets.find, (runtime.SCRIPT, runtime.WASM))):  # without, the server reads the webcam
        (folder / "assets").mkdir(exist_ok=True)
        shutil.copy(path, folder / "assets")
    names = models()
    for name in names:
        _copy_model(model_store.folder_of(name), folder / "models" / name)
    (folder / "models" / installed.DEFAULT_FILE).write_text(f"{names[0]}\n")
    (folder / "requirements.txt").write_text(requirements())
    filled = string.Template((_HERE / "README.md").read_text()).substitute(
        sdk_version=metadata.version("gradio"),
        python_version=PYTHON_VERSION,
        models=", ".join(f"`{name}`" for name in names),
        origins=origins(names),
        kept_minutes=KEPT_MINUTES,
    )
    (folder / "README.md").write_text(filled)


def _copy_model(source: Path, target: Path) -> None:
    """What serves; not the weights that only a training goes on from."""
    card = Card.load(source)
    for_others = {file.name for feature in FEATURES.values() for file in feature.model_files if file.model == card.name}
    target.mkdir(parents=True)
    for name in (CARD_FILE, "README.md", *artifact.served_files(source, card), *sorted(for_others)):
        shutil.copy(source / name, target / name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "space")
    folder = parser.parse_args().out
    assemble(folder)
    megabytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    sys.stdout.write(f"{folder}: {megabytes:.1f} MB, with the models {', '.join(models())}\n")
