"""`make space-publish`, with a stand-in for the `hf` client."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PUBLISH = ROOT / "packaging" / "space" / "publish.py"


@pytest.fixture
def publish(tmp_path):
    """Run the script with an `hf` that writes its arguments down: `publish("owner/name", token="…", status=0)`."""
    log = tmp_path / "calls"

    def run(*arguments, token="", status=0, hf=True):
        home, path = tmp_path / "home", tmp_path / "bin"
        home.mkdir()
        path.mkdir()
        if hf:
            (path / "hf").write_text(f'#!/bin/sh\necho "$*" >> {log}\nexit {status}\n')
            (path / "hf").chmod(0o755)
        hidden = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HOME", "HF_TOKEN_PATH")
        environment = {name: value for name, value in os.environ.items() if name not in hidden}
        environment |= {"PATH": str(path), "HOME": str(home), "HF_HOME": str(home)}
        if token:
            environment["HF_TOKEN"] = token
        done = subprocess.run(
            [sys.executable, PUBLISH, *arguments], env=environment, capture_output=True, text=True, timeout=120
        )
        return done, log.read_text().splitlines() if log.exists() else []

    return run


def test_the_space_is_made_and_filled(publish):
    done, (create, upload) = publish("somebody/mien", token="hf_made_up")
    assert done.returncode == 0, done.stderr
    assert create == "repos create somebody/mien --type space --space-sdk gradio --exist-ok"
    assert upload.startswith(f"upload somebody/mien {ROOT / 'dist' / 'space'} . --type space --delete *")
    assert "hf_made_up" not in create + upload


def test_without_a_token_one_sentence_says_which_one_and_nothing_is_called(publish):
    done, calls = publish("somebody/mien")
    assert done.returncode == 1
    assert calls == []
    assert done.stderr.count(".") >= 1
    assert "may write" in done.stderr
    assert "hf auth login" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", [(), ("mien",), ("a/b", "c")])
def test_a_space_must_be_named(publish, arguments):
    done, calls = publish(*arguments, token="hf_made_up")
    assert (done.returncode, calls) == (1, [])
    assert "SPACE=OWNER/NAME" in done.stderr


def test_a_missing_client_and_a_failing_one_end_it(publish, tmp_path):
    done, _ = publish("somebody/mien", token="hf_made_up", hf=False)
    assert done.returncode == 1
    assert "`hf` client is missing" in done.stderr


def test_what_the_client_refuses_is_not_gone_on_with(publish):
    done, calls = publish("somebody/mien", token="hf_made_up", status=3)
    assert done.returncode == 1
    assert len(calls) == 1


def test_make_assembles_before_it_publishes():
    done = subprocess.run(
        ["make", "--dry-run", "space-publish", "SPACE=somebody/mien"], cwd=ROOT, capture_output=True, text=True
    )
    scripts = [
        line.rpartition("packaging/space/")[2] for line in done.stdout.splitlines() if "packaging/space/" in line
    ]
    assert scripts == ["assemble.py", "publish.py somebody/mien"], done.stderr
