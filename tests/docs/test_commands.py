"""Every command in README and handbook is run, here or by another test, or says why it is not.

The comment before a block of commands says which: `run` (in a folder that stands in for a user's, the blocks of a page
one after the other), `run slow`, `run by TEST: …`, or `not run: REASON`. `file NAME` puts the block there as a file.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image
from skimage.data import astronaut

from core import model_store
from core.cli.main import app as engine
from core.labels import FER7
from core.runtime import assets
from training.commands.main import app as workshop
from training.datasets.cartoon import write_sample
from training.datasets.dataset import Dataset

ROOT = Path(__file__).resolve().parents[2]
GENERATED = {"results.md", "experiments.md"}
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "packaging" / "wheel" / "README.md",
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if path.name not in GENERATED),
]
LANGUAGES = {"sh", "bash", "shell", "console", "powershell", "python"}
MARK = re.compile(r"<!-- (run|run slow|(?:run by|not run:|file) \S.*) -->")
COMMAND = re.compile(r"^\s*(\$ )?(sudo|pip|python3?|mien|make|streamlit|uv|docker|export) ", re.MULTILINE)
COMMANDS = {
    "python -m core": typer.main.get_command(engine).commands,
    "python -m training": typer.main.get_command(workshop).commands,
    "mien": typer.main.get_command(engine).commands,
}


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: where it begins, its language, the mark before it, and what it holds."""

    page: Path
    line: int
    language: str
    mark: str
    code: str

    def __str__(self):
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks_of(page):
    """The fenced blocks of a page, in order."""
    found, before, opened = [], "", None
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip().startswith("```"):
            if opened:
                opened[2].append(line)
            elif line.strip():
                before = line.strip()
        elif opened:
            first, language, lines = opened
            mark = MARK.fullmatch(before)
            found.append(Block(page, first, language, mark[1] if mark else "", "\n".join(lines)))
            opened, before = None, ""
        else:
            opened = number, line.strip().strip("`").partition(" ")[0], []
    return found


BLOCKS = [block for page in PAGES for block in blocks_of(page)]


def pages_with(mark):
    marked = {block.page for block in BLOCKS if block.mark == mark}
    return [pytest.param(page, id=page.stem) for page in PAGES if page in marked]


def command_lines(text, inline=False):
    """The lines of ours in a block of commands, or in a page's running text."""
    ours = r"(?:python -m (?:core|training)|mien) "
    return re.findall(f"`({ours}[^`]+)`" if inline else rf"^(?:\w+=\S+ )*({ours}.+)", text, re.MULTILINE)


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language in LANGUAGES], ids=str)
def test_a_block_of_commands_says_how_it_is_tested(block):
    assert block.mark, f"{block}: put <!-- run -->, or another of the marks above, before it"
    if block.mark.startswith("run by "):
        tests = block.mark.removeprefix("run by ").partition(":")[0].split(", ")
        text = "".join((ROOT / test).read_text() for test in tests)
        for line in command_lines(block.code):
            command = line.removeprefix("python -m ").split()[1]
            assert re.search(command.replace("-", "[-_]"), text), f"{block}: {tests} do not run {command!r}"


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language not in LANGUAGES], ids=str)
def test_what_is_marked_as_no_command_is_none(block):
    assert not COMMAND.search(block.code), f"{block}: name the block's language, sh say"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_and_options_that_a_page_names_exist(page):
    """Also those in running text, which nothing runs."""
    prose = re.sub(r"^```.*?^```", "", text := page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks_of(page) if block.language in LANGUAGES for line in command_lines(block.code)]
    for line in lines + command_lines(" ".join(prose.split()), inline=True):
        program = next(name for name in COMMANDS if line.startswith(f"{name} "))
        words = shlex.split(line.removeprefix(program), comments=True)
        if words[0] in ("--help", "…"):
            continue
        command = COMMANDS[program].get(words[0])
        assert command, f"{page.name}: {program} has no command {words[0]!r}"
        known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        options = {word.partition("=")[0] for word in words[1:] if re.fullmatch(r"--[a-z].*", word)}
        assert options - known <= {"--help"}, f"{page.name}: {line}"
    rules = re.findall(r"^([a-z -]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    targets = {target for rule in rules for target in rule.split()}
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE)) <= targets


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A folder with the package `mien`, as the wheel brings it, and its command."""
    folder = tmp_path_factory.mktemp("package")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT / "packaging" / "wheel", check=True, capture_output=True)
    shutil.unpack_archive(next(folder.glob("*.whl")), folder, "zip")
    (folder / "bin").mkdir()
    (folder / "bin" / "mien").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mien "$@"\n')
    (folder / "bin" / "mien").chmod(0o755)
    return folder


@pytest.fixture
def user(tmp_path, package, monkeypatch):
    """A user's folder: photos, faces in class folders, what stands in for FER2013, two models, MediaPipe's files."""
    for name in ("photo.jpg", "neutral.jpg"):
        Image.fromarray(astronaut()).save(tmp_path / name)
    (tmp_path / "data").mkdir()
    write_sample(tmp_path / "data" / "fer2013.parquet", 140)
    dataset = Dataset.load(tmp_path / "data" / "fer2013.parquet")
    for number, (image, label) in enumerate(zip(dataset.images, dataset.labels, strict=True)):
        folder = tmp_path / "faces" / FER7.labels[label] / f"person{number}"
        folder.mkdir(parents=True)
        Image.fromarray(np.squeeze(image)).save(folder / "1.png")
    (tmp_path / "assets").mkdir()
    for path in filter(None, map(assets.find, assets.ASSETS)):
        (tmp_path / "assets" / path.name).symlink_to(path)
    for name in ("quick", "embedder"):  # copies, so that nothing is written to the project's own
        shutil.copytree(model_store.folder_of(name), tmp_path / "models" / name)
    for name in ("MIEN_MODELS", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    paths = (package / "bin", Path(sys.executable).parent, os.environ["PATH"])
    monkeypatch.setenv("PATH", os.pathsep.join(map(str, paths)))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, (ROOT, package))))
    monkeypatch.setenv("CHECKOUT", str(ROOT))
    return tmp_path


def follow(page, folder, *marks):
    """Do what the page says, in the folder; the first block that fails is named."""
    for block in blocks_of(page):
        if block.mark.startswith("file "):
            (folder / block.mark.removeprefix("file ")).write_text(block.code + "\n")
        elif block.mark in marks:
            program = [sys.executable, "-c"] if block.language == "python" else ["bash", "-euo", "pipefail", "-c"]
            run = subprocess.run([*program, block.code], cwd=folder, capture_output=True, text=True)
            assert run.returncode == 0, f"{block}\n{run.stdout[-3000:]}\n{run.stderr[-3000:]}"


@pytest.mark.parametrize("page", pages_with("run"))
def test_the_quick_commands_of_a_page_do_what_it_says(detector, user, page):
    follow(page, user, "run")


@pytest.mark.slow
@pytest.mark.parametrize("page", pages_with("run slow"))
def test_a_page_can_be_followed_to_its_end(detector, user, page):
    follow(page, user, "run", "run slow")
