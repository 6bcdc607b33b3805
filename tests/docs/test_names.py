"""Every file, module and name of the code that a page or a setting names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = "core|training|webapp|benchmarks|tests|packaging|deploy"
FILE = re.compile(rf"(?<![\w./-])(?:{ROOMS})/[\w./-]*\w")
NAME = re.compile(r"(?<![\w./-])(?:core|training|webapp|benchmarks)\.(?!md\b)[a-z_][\w.]*\w")
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "mkdocs.yml", "pyproject.toml", "Makefile")),
    *sorted(path for room in ("docs", "packaging", "models", ".github") for path in (ROOT / room).rglob("*.md")),
]


def defines(module, name):
    """Whether a module's text binds a name at its top level."""
    return re.search(rf"^(?:class |def |async def )?{re.escape(name)}\b", module.read_text(), re.MULTILINE)


def is_there(dotted):
    """Whether `room.module.Name` leads to a module, or to a name that one defines."""
    place = ROOT
    for number, part in enumerate(parts := dotted.split("."), start=1):
        if (place / part).is_dir():
            place = place / part
        elif (module := place / f"{part}.py").is_file():
            return number == len(parts) or bool(defines(module, parts[number]))
        else:
            return bool(defines(place / "__init__.py", part))
    return True


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names_is_there(page):
    text = page.read_text(encoding="utf-8")
    missing = {name for name in FILE.findall(text) if not (ROOT / name).exists()}
    missing |= {name for name in NAME.findall(text) if not is_there(name)}
    assert missing == set()


def test_each_noun_of_the_architecture_is_defined_where_it_says():
    nouns = re.findall(r"^\| `(\w+)` \|.*\| `(\S+)` \|$", (ROOT / "docs/architecture.md").read_text(), re.MULTILINE)
    assert len(nouns) > 20
    assert [noun for noun, file in nouns if not defines(ROOT / file, noun)] == []
