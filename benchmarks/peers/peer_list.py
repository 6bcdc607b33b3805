"""The programs that Mien is compared with, and how each gets an environment of its own under `.bench/`."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.environments import (
    FOLDER,
    ROOT,
    NotInstallable,
    is_complete,
    mark_complete,
    pip_install,
    run,
)

PROGRAMS = Path(__file__).parent / "programs"

_SMALL = "quick"
"""The smaller model that Mien is measured with too."""

_TFJS = "4.22.0"  # the version that both npm packages are built for


@dataclass(frozen=True)
class Peer:
    """One program that is compared.

    Attributes:
        name: Name and version, as readers see them.
        command: Command line that starts its program in `programs/`, once it is installed.
        install: Function that makes its environment if it is not there; raises `NotInstallable`.
        sizes: Folders whose sizes add up to the size of the installation.
        note: Remark for readers of its figures.
        reads_folders: Command line that reads a folder of pictures, to which the folder, `--out` and a table's path are
            added; empty where the program has none.
    """

    name: str
    command: tuple[str, ...]
    install: Callable[[], None]
    sizes: tuple[Path, ...]
    note: str = ""
    reads_folders: tuple[str, ...] = ()


def peers() -> list[Peer]:
    """All programs, Mien first."""
    return [
        _python(
            "Mien",
            "mien",
            "mien_peer.py",
            _mien,
            "The package `mien`, reading with the default model of this checkout; frames with the search `quick`, and "
            "folders with the command `mien read` and its default, `thorough`.",
            reads_folders=("-m", "mien", "read"),
        ),
        _python(
            f"Mien with `{_SMALL}`",
            "mien",
            "mien_peer.py",
            lambda python: None,
            "The same installation with a smaller model.",
            (_SMALL,),
            ("-m", "mien", "read", "--model", _SMALL),
        ),
        _python(
            "fer 25.10.3",
            "fer",
            "fer_peer.py",
            _fer,
            "With its defaults. Installed without facenet-pytorch and PyTorch, which only its option `mtcnn` uses and "
            "which would add some gigabytes; with setuptools below 80 and OpenCV below 5, without which it fails.",
        ),
        _node(
            "human 3.3.6",
            "human",
            "human_peer.cjs",
            (
                "@vladmandic/human@3.3.6",
                f"@tensorflow/tfjs-core@{_TFJS}",
                f"@tensorflow/tfjs-converter@{_TFJS}",
                f"@tensorflow/tfjs-backend-wasm@{_TFJS}",
            ),
            "On WebAssembly in Node, without mesh, iris and description; each frame is searched from scratch.",
        ),
        _node(
            "face-api 1.7.15",
            "face-api",
            "face_api_peer.cjs",
            (
                "@vladmandic/face-api@1.7.15",
                f"@tensorflow/tfjs@{_TFJS}",
                f"@tensorflow/tfjs-backend-wasm@{_TFJS}",
            ),
            "On WebAssembly in Node, with its tiny detector.",
        ),
    ]


def _python(
    name: str,
    folder: str,
    program: str,
    fill: Callable[[Path], None],
    note: str,
    arguments: tuple[str, ...] = (),
    reads_folders: tuple[str, ...] = (),
) -> Peer:
    home = FOLDER / folder
    python = home / "bin" / "python"

    def install() -> None:
        if not python.exists():
            run([sys.executable, "-m", "venv", str(home)])
        fill(python)

    command = (str(python), *reads_folders) if reads_folders else ()
    return Peer(name, (str(python), str(PROGRAMS / program), *arguments), install, (home / "lib",), note, command)


def _mien(python: Path) -> None:
    home = python.parents[1]
    shutil.rmtree(home / "wheel", ignore_errors=True)
    builder = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(home / "wheel")]
    run(builder, ROOT / "packaging/wheel")
    (wheel,) = (home / "wheel").glob("*.whl")
    if not is_complete(home):
        pip_install(python, str(wheel))
        mark_complete(home)
    else:  # the libraries are there; the engine and its models may have changed
        pip_install(python, "--force-reinstall", "--no-deps", str(wheel))


def _fer(python: Path) -> None:
    if is_complete(python.parents[1]):
        return
    libraries = ("matplotlib", "pandas", "requests", "tqdm", "moviepy<2.0,>=1.0.3", "ffmpeg-python", "Pillow")
    pip_install(python, "setuptools<80", "opencv-contrib-python-headless<5", "tensorflow", *libraries)
    pip_install(python, "--no-deps", "fer==25.10.3")
    mark_complete(python.parents[1])


def _node(name: str, folder: str, program: str, packages: tuple[str, ...], note: str) -> Peer:
    home = FOLDER / folder
    node = shutil.which("node") or "node"

    def install() -> None:
        if is_complete(home):
            return
        if not shutil.which("npm"):
            raise NotInstallable("Node.js and npm are not on this machine")
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text('{"private": true}\n')
        run(
            ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(home), *packages, "pngjs"]
        )
        mark_complete(home)

    return Peer(name, (node, str(PROGRAMS / program), str(home)), install, (home / "node_modules",), note)
