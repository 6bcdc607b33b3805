"""The assembled Space in a clean environment, from its folder alone."""

import importlib.util
import os
import socket
import subprocess
import time
import venv
from pathlib import Path

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from skimage.data import astronaut

ROOT = Path(__file__).parents[2]
FIRST_ANSWER_S = 5
MOST_MB = 500

OWNERS = """
from importlib import metadata
print(*sorted(each.name for each in metadata.distributions() if any(f.parts[0] == "cv2" for f in each.files or ())))
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    spec = importlib.util.spec_from_file_location("assemble", ROOT / "packaging" / "space" / "assemble.py")
    assembling = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(assembling)
    out = tmp_path_factory.mktemp("dist") / "space"
    assembling.assemble(out)
    return out


@pytest.fixture(scope="module")
def python(folder, package_index, tmp_path_factory):
    """Of an environment in which nothing but the Space's requirements is installed."""
    home = tmp_path_factory.mktemp("clean")
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "-r", folder / "requirements.txt"]
    with package_index():
        done = subprocess.run(install, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return python


@pytest.fixture(scope="module")
def server(folder, python, detector, tmp_path_factory):
    """Address and process of the Space, as `python app.py` starts it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("server") / "log"
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with log.open("w") as output:
        process = subprocess.Popen(
            [python, "app.py"],
            cwd=folder,
            env=env | {"GRADIO_SERVER_PORT": str(port)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("localhost", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    else:
        pytest.fail(log.read_text())
    yield f"http://localhost:{port}", process
    process.terminate()
    process.wait(timeout=60)
    assert "Traceback" not in log.read_text()


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photos") / "astronaut.png"
    Image.fromarray(astronaut()).save(path)
    return path


def most_resident_mb(process):
    return int(Path(f"/proc/{process.pid}/status").read_text().split("VmHWM:")[1].split()[0]) * 1024 / 1e6


def processor_s(process):
    """What the process has had of the cores: on a busy machine the clock on the wall tells of its neighbours."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def test_the_first_answer_comes_soon_and_memory_stays_small(server, photo, folder):
    address, process = server
    client = Client(address, verbose=False, analytics_enabled=False)
    begin, before = time.monotonic(), processor_s(process)
    _, record = client.predict(handle_file(photo), api_name="/read")
    wall, took = time.monotonic() - begin, processor_s(process) - before
    assert record["faces"][0]["label"] == "happy"
    for path in sorted((folder / "models").glob("*/card.json")):
        model = path.parent.name
        assert client.predict(handle_file(photo), model, api_name="/read")[1]["model"] == model
        assert "rests on it" in client.predict(handle_file(photo), 1, model, api_name="/why")[1]
    for _ in range(10):
        client.predict(handle_file(photo), api_name="/read")
    memory = most_resident_mb(process)
    print(f"first answer {wall:.2f} s, {took:.2f} s of a core; {memory:.0f} MB resident at most")
    assert took < FIRST_ANSWER_S
    assert memory < MOST_MB


def test_a_corrupt_file_gives_a_sentence(server, tmp_path):
    path = tmp_path / "broken.png"
    path.write_bytes(b"not a picture")
    with pytest.raises(AppError, match="Cannot read this picture"):
        Client(server[0], verbose=False, analytics_enabled=False).predict(handle_file(path), api_name="/read")


def test_a_browser_sees_faces_and_labels_and_why_a_file_was_refused(server, photo, tmp_path):
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = next((p for p in ("/usr/bin/chromium", "/usr/bin/google-chrome") if Path(p).exists()), None)
    if not chromium:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"not a picture")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page()
        tab.set_default_timeout(60_000)
        tab.goto(server[0])
        tab.locator("input[type=file]").first.set_input_files(str(photo))
        tab.locator("strong", has_text="Face 1: happy").wait_for()
        tab.locator(".js-plotly-plot").get_by_text("surprise").wait_for()
        tab.reload()
        tab.locator("input[type=file]").first.set_input_files(str(broken))
        tab.get_by_text("Cannot read this picture").wait_for()
        browser.close()


def test_one_distribution_owns_cv2_and_no_training_library_is_there(python):
    run = subprocess.run([python, "-c", OWNERS], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["opencv-contrib-python"]
    absent = "import importlib.util as u; print(*filter(u.find_spec, ['tensorflow', 'keras', 'streamlit', 'sklearn']))"
    assert subprocess.run([python, "-c", absent], capture_output=True, text=True, check=True).stdout.split() == []
    checked = subprocess.run([python, "-m", "pip", "check"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
