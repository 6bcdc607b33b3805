"""Nothing leaves the machine: a reading contacts nobody, and nothing that is installed reports its use."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def internet_contacts(code, log):
    """Lines of a fresh Python's system calls that name an internet address, loopback or not."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    if subprocess.run(["strace", "-o", log, "true"], capture_output=True).returncode:
        pytest.skip("strace may not trace here")
    command = ["strace", "-f", "-qq", "-e", "trace=network", "-o", log, sys.executable, "-c", code]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    return [line for line in log.read_text().splitlines() if re.search(r"sa_family=AF_INET6?\b", line)]


def test_a_reading_contacts_nobody(detector, tmp_path):
    code = (
        "from skimage.data import astronaut\nfrom core.recognizer import Recognizer\n"
        "assert Recognizer().read(astronaut())"
    )
    assert internet_contacts(code, tmp_path / "strace.log") == []


def test_the_check_above_would_see_a_contact(tmp_path):
    """A UDP socket that is connected, and sends nothing, to an address that belongs to nobody."""
    code = "import socket\nsocket.socket(type=socket.SOCK_DGRAM).connect(('192.0.2.1', 9))"
    assert any("192.0.2.1" in line for line in internet_contacts(code, tmp_path / "strace.log"))


def test_streamlit_reports_nothing():
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert config["browser"]["gatherUsageStats"] is False
    assert config["server"]["address"] == "localhost"


@pytest.mark.parametrize(
    ("library", "switch"),
    [("gradio", "GRADIO_ANALYTICS_ENABLED"), ("mlflow", "MLFLOW_DISABLE_TELEMETRY")],
)
def test_whoever_imports_a_library_that_reports_turns_that_off(library, switch):
    importing = re.compile(rf"^\s*(import|from) {library}\b", re.MULTILINE)
    for room in ("core", "training", "webapp"):
        for path in (ROOT / room).rglob("*.py"):
            if match := importing.search(path.read_text()):
                assert switch in path.read_text()[: match.start()], (
                    f"{path} imports {library} and leaves {switch} as is"
                )
