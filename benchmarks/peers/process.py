"""A compared program as a process that reads one picture at a time."""

from __future__ import annotations

import json
import selectors
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.environments import ROOT
from benchmarks.measuring import peak_bytes

PATIENCE_S = 300.0

_NAMES = {"angry": "angry", "anger": "angry", "disgusted": "disgust", "fearful": "fear", "surprised": "surprise"}


class PeerFailed(Exception):
    """A program ended or gave no answer; the message gives the reason."""


class PeerProcess:
    """A running program, as a context manager.

    Args:
        command: Command line that starts it.
        log: File for what it writes to stderr.

    Attributes:
        pid: Process id.
    """

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self._began = time.perf_counter()
        self._log = log
        with log.open("wb") as stderr:
            self._process = subprocess.Popen(
                list(command),
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                bufsize=1,
            )
        self.pid = self._process.pid

    def __enter__(self) -> PeerProcess:
        return self

    def __exit__(self, *_) -> None:
        self._process.stdin.close()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def ask(self, picture: Path, kind: str) -> dict:
        """Have it read a picture.

        Args:
            picture: Image file.
            kind: "photo" or "frame" for a whole picture, "crop" for a 48x48 face.

        Returns:
            `label` (a name of `FER7` or None), `faces` (how many it found) and `ms`.

        Raises:
            PeerFailed: The program has ended, or does not answer.
        """
        try:
            self._process.stdin.write(json.dumps({"picture": str(picture), "kind": kind}) + "\n")
            self._process.stdin.flush()
        except OSError:
            raise PeerFailed(self._reason()) from None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(PATIENCE_S):
                raise PeerFailed(f"did not answer within {PATIENCE_S:.0f} s")
        if not (line := self._process.stdout.readline()):
            raise PeerFailed(self._reason())
        answer = json.loads(line)
        answer["label"] = _NAMES.get(answer["label"], answer["label"])
        return answer

    def seconds(self) -> float:
        """Time since the start."""
        return time.perf_counter() - self._began

    def peak_bytes(self) -> int:
        """Largest memory so far."""
        return peak_bytes(self.pid)

    def _reason(self) -> str:
        lines = [line for line in self._log.read_text(errors="replace").splitlines() if line.strip()]
        reasons = [line for line in lines if "Error" in line] or lines or ["the program ended without a message"]
        return reasons[-1].strip()[:200]
