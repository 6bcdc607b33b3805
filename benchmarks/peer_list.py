"""The peers: who they are, and how each gets an environment of its own under `.bench/`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".bench"
PROGRAMS = Path(__file__).parent / "peer_programs"

_TFJS = "4.22.0"  # which both npm packages are built for


class NotInstallable(Exception):
    """A peer cannot be had on this machine; the message is the reason."""


@dataclass(frozen=True)
class Peer:
    """One program that is asked.

    Attributes:
        name: For people, with its version.
        command: Starts it, once it is installed.
        install: Makes its environment, if it is not there; raises `NotInstallable`.
        sizes: Folders that the environment's size is the sum of.
        note: What a reader of its figures should know.
    """

    name: str
    command: tuple[str, ...]
    install: Callable[[], None]
    sizes: tuple[Path, ...]
    note: str = ""


def peers() -> list[Peer]:
    """All of them, Mien first."""
    return [
        _python(
            "Mien",
            "mien",
            "mien_peer.py",
            _mien,
            "The package `mien`, reading with the default model of this checkout.",
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
            "On WebAssembly in Node, without mesh, iris and description; each frame is looked at anew.",
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


def install_into(home: Path, *packages: str) -> None:
    """Install Python packages into a folder, for one program's `PYTHONPATH`, unless they are there.

    Raises:
        NotInstallable: they cannot be had on this machine.
    """
    if not _marked(home):
        shutil.rmtree(home, ignore_errors=True)
        _pip(Path(sys.executable), "--only-binary", ":all:", "--target", str(home), *packages)
        _mark(home)


def _python(name: str, folder: str, program: str, fill: Callable[[Path], None], note: str) -> Peer:
    home = FOLDER / folder
    python = home / "bin" / "python"

    def install() -> None:
        if not python.exists():
            _run([sys.executable, "-m", "venv", str(home)])
        fill(python)

    return Peer(name, (str(python), str(PROGRAMS / program)), install, (home / "lib",), note)


def _mien(python: Path) -> None:
    home = python.parents[1]
    shutil.rmtree(home / "wheel", ignore_errors=True)
    builder = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(home / "wheel")]
    _run(builder, ROOT / "packaging/wheel")
    (wheel,) = (home / "wheel").glob("*.whl")
    if not _marked(home):
        _pip(python, str(wheel))
        _mark(home)
    else:  # the libraries are there; the engine and its models may have changed
        _pip(python, "--force-reinstall", "--no-deps", str(wheel))


def _fer(python: Path) -> None:
    if _marked(python.parents[1]):
        return
    libraries = ("matplotlib", "pandas", "requests", "tqdm", "moviepy<2.0,>=1.0.3", "ffmpeg-python", "Pillow")
    _pip(python, "setuptools<80", "opencv-contrib-python-headless<5", "tensorflow", *libraries)
    _pip(python, "--no-deps", "fer==25.10.3")
    _mark(python.parents[1])


def _node(name: str, folder: str, program: str, packages: tuple[str, ...], note: str) -> Peer:
    home = FOLDER / folder
    node = shutil.which("node") or "node"

    def install() -> None:
        if _marked(home):
            return
        if not shutil.which("npm"):
            raise NotInstallable("Node.js and npm are not on this machine")
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text('{"private": true}\n')
        _run(
            ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(home), *packages, "pngjs"]
        )
        _mark(home)

    return Peer(name, (node, str(PROGRAMS / program), str(home)), install, (home / "node_modules",), note)


def _pip(python: Path, *arguments: str) -> None:
    _run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments])


def _run(command: list[str], folder: Path | None = None) -> None:
    try:
        ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except OSError as error:
        raise NotInstallable(f"{command[0]} cannot be started ({error.strerror})") from None
    if ended.returncode:
        lines = [line for line in ended.stderr.splitlines() if "error" in line.lower()] or [f"{command[0]} failed"]
        raise NotInstallable(lines[-1].strip()[:200])


def _marked(home: Path) -> bool:
    """Whether everything was installed there to the end."""
    return (home / "complete").exists()


def _mark(home: Path) -> None:
    (home / "complete").touch()
