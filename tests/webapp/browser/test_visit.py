"""The same whole visit in Chromium and in Firefox: what is shown is what is recorded, and nobody else is asked.

Chromium has a camera that is a film; Firefox has none, so there a canvas shows the same pictures in its place. Firefox
is driven by WebDriver BiDi, which it speaks by itself.
"""

import contextlib
import csv
import io
import json
import queue
import re
import shutil
import subprocess
import threading
from pathlib import Path
from urllib.parse import urlsplit

import cv2
import pytest

pytestmark = [pytest.mark.needs("detector", "litert"), pytest.mark.slow]

_VISIT = Path(__file__).with_name("visit.js").read_text()
_PATIENCE_S = 300
_QUIET = {
    "network.proxy.type": 0, "app.update.enabled": False, "datareporting.policy.dataSubmissionEnabled": False,
    "browser.shell.checkDefaultBrowser": False, "browser.aboutwelcome.enabled": False,
    "network.captive-portal-service.enabled": False, "network.connectivity-service.enabled": False,
}  # fmt: skip
_CAMERA = """() => {
  if (!navigator.mediaDevices) return;
  navigator.mediaDevices.getUserMedia = async () => {
    const shown = Array.from({ length: 12 }, (_, index) => {
      const picture = new Image();
      picture.src = `film-${index}.png`;
      return picture;
    });
    await Promise.all(shown.map((picture) => picture.decode()));
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
    const context = canvas.getContext("2d");
    const began = performance.now();
    setInterval(() => context.drawImage(shown[Math.floor((performance.now() - began) / 500) % 12], 0, 0), 100);
    return canvas.captureStream(10);
  };
}"""


class Chromium:
    """A visit in Chromium, whose camera shows a film."""

    def __init__(self, launch, film, stack):
        flags = ("use-fake-ui-for-media-stream", "use-fake-device-for-media-stream")
        chrome = launch(*(f"--{flag}" for flag in flags), f"--use-file-for-fake-video-capture={film}")
        stack.callback(chrome.close)
        self.tab, self.hosts = chrome.new_page(), set()
        self.tab.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname))

    def open(self, address):
        self.tab.goto(address)

    def evaluate(self, expression):
        return self.tab.evaluate(expression)


class Firefox:
    """A visit in Firefox, where a canvas takes the camera's place."""

    def __init__(self, program, profile, stack):
        connect = pytest.importorskip("websockets.sync.client").connect
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in _QUIET.items()]
        (profile / "user.js").write_text("\n".join(lines))
        command = [program, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        stack.callback(self.process.wait, 60)
        stack.callback(self.process.terminate)
        self.hosts, self._asked = set(), 0
        self.socket = stack.enter_context(connect(f"{self._address()}/session", max_size=None, proxy=None))
        self.ask("session.new", capabilities={})
        self.ask("session.subscribe", events=["network.beforeRequestSent"])
        self.ask("script.addPreloadScript", functionDeclaration=_CAMERA)
        self.context = self.ask("browsingContext.getTree")["contexts"][0]["context"]

    def _address(self):
        """Where it listens, which it says on stderr; all that it says later is read and forgotten."""
        found = queue.Queue()

        def listen():
            for line in self.process.stderr:
                if told := re.search(r"WebDriver BiDi listening on (\S+)", line):
                    found.put(told[1])

        threading.Thread(target=listen, daemon=True).start()
        return found.get(timeout=_PATIENCE_S)

    def ask(self, method, **parameters):
        self._asked += 1
        self.socket.send(json.dumps({"id": self._asked, "method": method, "params": parameters}))
        while True:
            told = json.loads(self.socket.recv(timeout=_PATIENCE_S))
            if told.get("method") == "network.beforeRequestSent":
                self.hosts.add(urlsplit(told["params"]["request"]["url"]).hostname)
            if told.get("id") == self._asked:
                assert told["type"] == "success", told
                return told["result"]

    def open(self, address):
        self.ask("browsingContext.navigate", context=self.context, url=address, wait="complete")

    def evaluate(self, expression):
        told = self.ask(
            "script.evaluate",
            expression=f"({expression}).then(JSON.stringify)",
            target={"context": self.context},
            awaitPromise=True,
        )
        assert told["type"] == "success", told["exceptionDetails"]["text"]
        return json.loads(told["result"]["value"])


@pytest.fixture(params=["Chromium", "Firefox"])
def visitor(request, two_people_film, tmp_path):
    with contextlib.ExitStack() as stack:
        if request.param == "Chromium":
            yield Chromium(request.getfixturevalue("launch"), two_people_film, stack)
            return
        program = shutil.which("firefox") or shutil.which("firefox-esr")
        if not program:
            pytest.skip("no Firefox on this machine: apt-get install firefox-esr")
        yield Firefox(program, tmp_path, stack)


def do(step):
    return f"(async () => {{ {_VISIT}\n return {step}(); }})()"


def test_a_whole_visit(visitor, page_files, serve_files, two_people):
    shots = {
        f"film-{index}.png": cv2.imencode(".png", shot[..., ::-1])[1].tobytes() for index, shot in enumerate(two_people)
    }
    with serve_files(page_files | shots) as address:
        visitor.open(address)
        visit = visitor.evaluate(do("walk"))
    files = visit["files"]
    rows = list(csv.DictReader(io.StringIO(files["mien-live.csv"])))
    lines = [json.loads(line) for line in files["mien-live.jsonl"].splitlines()]
    assert [line["frame"] for line in lines] == [int(row["frame"]) for row in rows]
    assert json.loads(files["mien-live.provenance.json"])
    # What was shown, with its percentage, is what was written, and the other way round.
    shown = {re.sub(" · baseline on", "", heading) for heading in visit["shown"]}
    written = {caption(row) for row in rows}
    assert shown <= written | near(written)
    assert written <= shown | near(shown)
    assert {"happy", "surprise"} <= {row["label"] for row in rows}
    assert sum(row["event"] == "the baseline is there" for row in rows) == 1
    # Each place has numbers of its own, and who stays in view keeps one.
    left, right = ({row["face"] for row in rows if (float(row["x"]) < 290) is there} for there in (True, False))
    assert len(right) == 1
    assert not left & right
    # The server is gone.
    assert visitor.evaluate(do("goOn"))
    assert visitor.hosts <= {"localhost", None}


def caption(row, more=0):
    return f"Face {row['face']} · {row['label']} {int(100 * float(row['confidence']) + 0.5) + more}%"


def near(captions):
    """Captions one percent off: a table has four digits, and a percentage is rounded from more."""
    parts = [caption.rstrip("%").rsplit(" ", 1) for caption in captions]
    return {f"{name} {int(number) + step}%" for name, number in parts for step in (-1, 1)}
