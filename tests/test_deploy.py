"""What can be checked of the image and of compose.yaml where no Docker runs."""

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from webapp.ui.live import ice_servers
from webapp.ui.shared.deployment import PUBLIC_PAGES

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
VALUES = {"MIEN_HOST": "studio.example.org", "MIEN_ADDRESS": "192.0.2.1", "TURN_PASSWORD": "secret"}

# The image's command in a process to which only what the image installs is there.
AS_IN_THE_IMAGE = """
import json, sys
from importlib.abc import MetaPathFinder

class Absent(MetaPathFinder):
    names = set(json.loads(sys.argv.pop(1)))
    def find_spec(self, fullname, path=None, target=None):
        if fullname.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)

sys.meta_path.insert(0, Absent())
"""
SERVE = AS_IN_THE_IMAGE + "from streamlit.web.cli import main\nmain()"
PAGES = (
    AS_IN_THE_IMAGE
    + """
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("webapp/Home.py", default_timeout=120).run()
for page in sys.argv[1:]:
    app.switch_page(page).run()
    print(page, [error.message for error in app.exception])
"""
)


def instructions(name):
    return re.findall(rf"^{name} (.+)$", DOCKERFILE, re.MULTILINE)


def copied():
    """Sources of the COPY lines that take from the project."""
    return [source for line in instructions("COPY") if "--from" not in line for source in line.split()[:-1]]


def in_context(path):
    """Whether .dockerignore lets a path through: of the lines that match it, the last one decides."""
    kept = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!").removeprefix("**/")
        parts = path.split("/")
        above = ["/".join(parts[: n + 1]) for n in range(len(parts))] + parts * line.startswith("**/")
        if line and not line.startswith("#") and any(fnmatch(each, pattern) for each in above):
            kept = line.startswith("!")
    return kept


def interpolated(text):
    """`${NAME}`, `${NAME:-default}` and `${NAME:?message}` as Compose fills them in."""
    return re.sub(
        r"\$\{(\w+)(?::([-?])([^}]*))?\}",
        lambda match: VALUES.get(match[1]) or (match[3] if match[2] == "-" else ""),
        text,
    )


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """The folder that the image's last stage has as its working directory."""
    folder = tmp_path_factory.mktemp("image")
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    for line in re.findall(r"^COPY (?!--from)(.+)$", last, re.MULTILINE):
        source, target = line.split()
        if Path(target).is_absolute():
            continue

        def ignore(directory, names):
            base = Path(directory).relative_to(ROOT)
            return [name for name in names if not in_context((base / name).as_posix())]

        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, folder / target, ignore=ignore)
        else:
            shutil.copy(ROOT / source, folder / target)
    return folder


@pytest.fixture(scope="module")
def absent():
    """Modules that are installed here and not in the image, as JSON."""
    lines = (ROOT / "deploy" / "requirements.txt").read_text().splitlines()
    installed = {Requirement(line).name for line in lines if "==" in line} | {"opencv-contrib-python"}

    def canonical(name):
        return re.sub("[-_.]+", "-", name).lower()

    installed = {canonical(name) for name in installed}
    owners = metadata.packages_distributions()
    gone = [module for module, by in owners.items() if not {canonical(each) for each in by} & installed]
    assert {"tensorflow", "mlflow", "gradio"} <= set(gone)
    return json.dumps(gone)


def test_what_the_image_installs_is_the_part_of_the_lock_that_serving_needs():
    spec = importlib.util.spec_from_file_location("lock", ROOT / "deploy" / "lock.py")
    lock = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(lock)
    assert (ROOT / "deploy" / "requirements.txt").read_text() == lock.text(), "run: python deploy/lock.py"
    assert "./packaging/opencv-contrib-python" in lock.text().splitlines()


def test_every_source_of_a_copy_exists_and_is_let_through():
    assert copied()
    for source in copied():
        assert (ROOT / source).exists(), source
        assert in_context(source), f".dockerignore keeps {source} out"


def test_nothing_private_or_large_goes_into_the_image(image):
    for path in ("data/fer2013.parquet", "runs", ".git/config", ".env", ".venv/bin/python", ".streamlit/secrets.toml"):
        assert not in_context(path), path
    assert not in_context("models/quick/weights.npz")
    assert not in_context("models/checkpoints/transfer-efficientnet/best.weights.npz")
    assert not in_context("core/__pycache__/errors.pyc")
    assert in_context("models/quick/model.tflite")
    assert (image / "core" / "recognizer.py").is_file()
    assert not (image / "training").exists()


def test_the_image_is_made_in_stages_and_run_by_nobody_in_particular():
    stages = instructions("FROM")
    assert len(stages) == 2
    assert all("slim" in stage for stage in stages)
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER (?!root|0)\w+$", last, re.MULTILINE)
    assert last.index("\nUSER ") < last.index("\nCMD ")
    assert "pip install" not in last


def test_the_command_serves_the_studio_and_the_health_check_tells(image, absent, detector, tmp_path):
    command = json.loads(instructions("CMD")[-1])
    (health,) = re.findall(r"HEALTHCHECK .*?CMD (\[.+\])$", DOCKERFILE, re.MULTILINE)
    assert command[0] == "streamlit"
    port = "8597"
    arguments = [part.replace("8501", port).replace("0.0.0.0", "localhost") for part in command[1:]]
    check = [sys.executable, *(part.replace("8501", port) for part in json.loads(health)[1:])]
    assert subprocess.run(check, capture_output=True).returncode != 0
    environment = dict(pair.split("=") for pair in shlex.split(instructions("ENV")[-1]) if pair.startswith("MIEN_"))
    assert environment == {"MIEN_MODE": "public"}
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-c", SERVE, absent, *arguments],
            cwd=image,
            env=os.environ | environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        for _ in range(90):
            if subprocess.run(check, capture_output=True).returncode == 0:
                break
            assert server.poll() is None, (tmp_path / "log").read_text()
        else:
            pytest.fail((tmp_path / "log").read_text())
    finally:
        server.terminate()
        server.wait(timeout=30)


def test_the_pages_for_strangers_need_nothing_that_the_image_lacks(image, absent, detector):
    pages = [f"screens/{page.lower()}.py" for page in sorted(PUBLIC_PAGES)]
    run = subprocess.run(
        [sys.executable, "-c", PAGES, absent, *pages],
        cwd=image,
        env=os.environ | {"MIEN_MODE": "public", "PYTHONPATH": str(image)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.stdout.splitlines() == [f"{page} []" for page in pages], run.stderr


def test_every_variable_is_one_that_somebody_reads():
    read = set()
    for room in ("core", "webapp"):
        for path in (ROOT / room).rglob("*.py"):
            read |= set(re.findall(r"\bMIEN_[A-Z_]+\b", path.read_text()))
    assert set(COMPOSE["services"]["studio"]["environment"]) <= read
    caddyfile = (ROOT / "deploy" / "Caddyfile").read_text()
    assert set(COMPOSE["services"]["proxy"]["environment"]) == set(re.findall(r"\{\$(\w+)\}", caddyfile))
    used = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text()))
    example = (ROOT / "deploy" / "example.env").read_text()
    assert used == set(re.findall(r"^(\w+)=", example, re.MULTILINE))


def test_the_relay_that_compose_names_is_one_that_the_studio_understands():
    named = interpolated(COMPOSE["services"]["studio"]["environment"]["MIEN_ICE_SERVERS"])
    servers = ice_servers.parse(named)
    assert ice_servers.has_relay(servers)
    assert servers[0]["credential"] == "secret"
    assert "--user=mien:secret" in [interpolated(part) for part in COMPOSE["services"]["turn"]["command"]]
    assert all("studio.example.org:3478" in url for url in servers[0]["urls"])


def test_the_relay_reaches_the_studio_and_no_other_private_address():
    settings = (ROOT / "deploy" / "turnserver.conf").read_text()
    address = COMPOSE["services"]["studio"]["networks"]["inside"]["ipv4_address"]
    assert re.findall(r"^allowed-peer-ip=(.+)$", settings, re.MULTILINE) == [address]
    assert {"10.0.0.0", "127.0.0.0", "172.16.0.0", "192.168.0.0"} <= set(
        re.findall(r"^denied-peer-ip=([\d.]+)-", settings, re.MULTILINE)
    )
    (network,) = COMPOSE["networks"]["inside"]["ipam"]["config"]
    assert network["subnet"].rpartition(".")[0] == address.rpartition(".")[0]


def test_the_files_that_compose_names_exist_and_only_the_proxy_is_open():
    for service in COMPOSE["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (ROOT / source).is_file(), source
    assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == ["proxy"]
    assert "studio:8501" in (ROOT / "deploy" / "Caddyfile").read_text()
