"""The part of the project's requirements.txt that some packages need."""

from collections.abc import Iterable, Mapping
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def pins(lock: str, names: Iterable[str], instead: Mapping[str, str] | None = None) -> list[str]:
    """The lock's lines for the packages and all that they need in turn, sorted.

    What needs what is asked of the installed packages, so this runs where the lock is installed.

    Args:
        lock: The text of requirements.txt.
        names: Names of packages.
        instead: By the name of a package, the one to install in its place, in the same version.

    Raises:
        KeyError: the lock does not pin one of them.
    """
    instead = instead or {}
    pinned: dict[str, list[str]] = {}
    for line in lock.splitlines():
        if line.startswith("./"):  # a package of the project's own, by its folder
            pinned[canonicalize_name(line.rpartition("/")[2])] = [line]
        elif "==" in line:
            pinned.setdefault(canonicalize_name(Requirement(line).name), []).append(line)
    needed = needs(names) - set(instead.values())
    lines = [line for name in needed - set(instead) for line in pinned[name]]
    for name in needed & set(instead):
        lines += [line.replace(name, instead[name], 1) for line in pinned[name]]
    return sorted(lines)


def needs(names: Iterable[str]) -> set[str]:
    """The packages and all that they need in turn on this machine, by their canonical names."""
    todo, found = [Requirement(name) for name in names], set()
    while todo:
        each = todo.pop()
        key = (canonicalize_name(each.name), frozenset(each.extras))
        if key in found:
            continue
        found.add(key)
        for line in metadata.requires(each.name) or []:
            needed = Requirement(line)
            extras = each.extras or {""}
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                todo.append(needed)
    return {name for name, _ in found}
