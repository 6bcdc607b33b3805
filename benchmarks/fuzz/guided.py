"""Fuzzing guided by coverage, with Atheris (Google): inputs that reach new code are kept and altered further.

Atheris runs in a process of its own, `python -m benchmarks.fuzz.guided KIND`, which `guide` starts.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.environments import FOLDER, ROOT, install_into

HANG_S = 10  # time after which libFuzzer reports an input as a hang
_HOME = FOLDER / "atheris"
_LONGEST = 48_000  # bytes, the largest input
_LOOKED_INTO = ["core", "training", "PIL", "csv", "gzip", "json", "tarfile", "yaml", "zipfile"]


@dataclass(frozen=True)
class Guided:
    """Result of one kind of file.

    Attributes:
        kind: Kind of file, a key of `targets.TARGETS`.
        runs: Number of inputs tried.
        covered: Number of places in the code that they reached.
        kept: Number of inputs that reached something new.
        fault: Error that ended it early, or "".
    """

    kind: str
    runs: int
    covered: int
    kept: int
    fault: str = ""


def install() -> None:
    """Install Atheris into a folder of its own, unless it is there already.

    Raises:
        NotInstallable: Atheris cannot be installed on this machine.
    """
    install_into(_HOME, "atheris>=3,<4")


def guide(kind: str, seconds: int, seed: int, findings: Path) -> Guided:
    """Fuzz one kind of file for some seconds.

    Args:
        kind: Kind of file, a key of `targets.TARGETS`.
        seconds: Time after which it ends.
        seed: Seed of libFuzzer's random numbers; the same seed and time give nearly the same inputs.
        findings: Folder that keeps an input that does harm.
    """
    from benchmarks.fuzz.seeds import corpus

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, data in enumerate(corpus(kind)):
            (folder / f"{number}").write_bytes(data)
        prefix = findings / f"{kind.replace(' ', '-')}-"
        options = {
            "max_total_time": seconds,
            "seed": seed,
            "timeout": HANG_S,
            "max_len": _LONGEST,
            "rss_limit_mb": 3000,
        }
        options |= {"artifact_prefix": prefix, "print_final_stats": 1}
        command = [sys.executable, "-m", "benchmarks.fuzz.guided", kind, name]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(_HOME)])}
        ended = subprocess.run(
            [*command, *(f"-{option}={value}" for option, value in options.items())],
            cwd=ROOT, env=environment, capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
    return parse_output(kind, ended.returncode, ended.stdout + ended.stderr)


def parse_output(kind: str, code: int, output: str) -> Guided:
    """Read libFuzzer's output.

    Args:
        kind: Kind of file that was fuzzed.
        code: Exit code of its process.
        output: Text that the process printed.
    """
    progress = re.findall(r"#(\d+)\s.*?cov: (\d+) ft: \d+ corp: (\d+)/", output)
    runs, covered, kept = map(int, progress[-1]) if progress else (0, 0, 0)
    if executed := re.search(r"stat::number_of_executed_units: (\d+)", output):
        runs = int(executed[1])
    fault = ""
    if code:
        said = re.search(r"Uncaught Python exception: ===\n(.*)|(?:ALARM|ERROR: libFuzzer): (.*)", output)
        fault = (said[1] or said[2] if said else f"it ended with {code}")[:300]
        if test := re.search(r"Test unit written to (\S+)", output):
            fault += f"; input: {Path(test[1]).name}"
    elif not runs:
        fault = "it did not run"
    return Guided(kind, runs, covered, kept, fault)


def _main() -> None:
    import atheris

    with atheris.instrument_imports(include=_LOOKED_INTO):
        from benchmarks.fuzz.targets import try_one

    kind = sys.argv.pop(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        atheris.Setup(sys.argv, lambda data: try_one(kind, data, folder) and None)
        atheris.Fuzz()


if __name__ == "__main__":
    _main()
