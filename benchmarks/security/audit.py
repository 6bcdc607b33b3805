"""pip-audit over the locked packages, and the explanations of what it finds in advisories.toml."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.environments import FOLDER, ROOT, NotInstallable, install_into

EXPLAINED = Path(__file__).with_name("advisories.toml")
LOCK = ROOT / "requirements.txt"
SERVICES = ("pypi", "osv")
"""Databases of weaknesses, by the names that pip-audit has for them."""

_HOME = FOLDER / "pip-audit"
_PATIENCE_S = 180


@dataclass(frozen=True)
class Audit:
    """Result of an audit.

    Attributes:
        asked: Packages that the database knows.
        unknown: Packages that it does not know, or for which it gave no answer.
        found: Package of each weakness, by the id of the weakness.
        untried: Reason why there was no audit, or "".
    """

    asked: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    found: Mapping[str, str] | None = None
    untried: str = ""


def audit() -> Audit:
    """Run pip-audit with the first database that answers."""
    try:
        install_into(_HOME, "pip-audit>=2.9,<3")
    except NotInstallable as error:
        return Audit(untried=f"pip-audit cannot be installed ({error})")
    given = Audit()
    with tempfile.TemporaryDirectory() as name:
        pins = Path(name) / "pins.txt"
        pins.write_text("\n".join(line for line in LOCK.read_text().splitlines() if "==" in line) + "\n")
        for service in SERVICES:
            given = read(_ask(service, pins))
            if given.asked:
                return given
    return given


def read(report: str) -> Audit:
    """Read pip-audit's report.

    Where no database can be reached, pip-audit may skip every package and still report no weakness; such a report
    counts as no audit.

    Args:
        report: The report as JSON text.
    """
    try:
        packages = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Audit(untried="no database of weaknesses can be reached from this machine")
    asked = tuple(one["name"] for one in packages if "skip_reason" not in one)
    if not asked:
        return Audit(untried="no database of weaknesses can be reached from this machine")
    unknown = tuple(one["name"] for one in packages if "skip_reason" in one)
    return Audit(asked, unknown, {bug["id"]: one["name"] for one in packages for bug in one.get("vulns", ())})


def explanations(path: Path = EXPLAINED) -> dict[str, dict[str, str]]:
    """Read the explained weaknesses.

    Args:
        path: TOML file with a table for each weakness.

    Returns:
        `package` and `why` of each weakness, by its id.

    Raises:
        ValueError: An entry lacks one of the two.
    """
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    for name, entry in entries.items():
        if set(entry) != {"package", "why"} or not all(isinstance(text, str) and text for text in entry.values()):
            raise ValueError(f"{path}: {name} needs a package and why it does not matter here")
    return entries


def faults(given: Audit, explained: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Sentences about weaknesses without an explanation, and explanations without a weakness; none if all is well."""
    if given.untried:
        return []
    sentences = [
        f"{package}: {name} is not explained" for name, package in given.found.items() if name not in explained
    ]
    sentences += [
        f"{entry['package']}: {name} is explained but no longer found"
        for name, entry in explained.items()
        if name not in given.found
    ]
    return sentences


def verdict(given: Audit, explained: Mapping[str, Mapping[str, str]]) -> str:
    """The result for a cell of the page; all but success in bold."""
    if given.untried:
        return f"**not tried**: {given.untried}"
    if wrong := faults(given, explained):
        return f"**does not hold**: {'; '.join(wrong)}"
    words = f"{len(given.asked)} packages asked for, "
    words += f"{len(given.found)} findings, each explained in `{EXPLAINED.name}`" if given.found else "nothing found"
    return words + (f"; **{len(given.unknown)} not known there**: {', '.join(given.unknown)}" if given.unknown else "")


def _ask(service: str, pins: Path) -> str:
    # In a process of its own, whose first folder of modules is that of pip-audit.
    start = f"import sys; sys.path.insert(0, {str(_HOME)!r}); from pip_audit._cli import audit; audit()"
    options = ("--vulnerability-service", service, "--format", "json", "--progress-spinner", "off", "--disable-pip")
    command = [sys.executable, "-c", start, *options, "--no-deps", "--requirement", str(pins)]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=False).stdout
    except subprocess.TimeoutExpired:
        return ""
