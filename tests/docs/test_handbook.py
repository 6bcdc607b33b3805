"""The handbook builds without a warning, and its pages ask no other server for anything."""

import html
import inspect
import os
import re
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core.recognizer import Recognizer

ROOT = Path(__file__).resolve().parents[2]
LOADED = re.compile(
    r"<(?:script|img|iframe|source|video)\b[^>]*\bsrc=[\"']?([^\"' >]+)|<link\b[^>]*\bhref=[\"']?([^\"' >]+)"
)
LOADED_BY_STYLE = re.compile(r"@import|url\([\"']?(?:https?:)?//")


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the built handbook."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(folder)]
    built = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    )
    assert built.returncode == 0, built.stderr
    return folder


def test_it_has_every_page_of_the_docs(site):
    pages = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    pages = {page.with_name("index.html") if page.name == "README.html" else page for page in pages}
    assert {page for page in pages if not (site / page).is_file()} == set()


def test_the_reference_is_made_of_the_docstrings(site):
    engine = (site / "reference" / "engine.html").read_text()
    assert 'id="core.recognizer.Recognizer.read"' in engine
    assert 'id="core.streams.session.Session"' in engine
    words = html.unescape(re.sub("<[^>]+>", "", engine))
    assert inspect.getdoc(Recognizer.read).splitlines()[0].replace("`", "") in words


def test_no_page_loads_anything_from_elsewhere(site):
    for path in site.rglob("*.html"):
        loaded = [one or other for one, other in LOADED.findall(path.read_text())]
        assert loaded
        assert [address for address in loaded if re.match(r"(https?:)?//", address)] == [], path
    for path in site.rglob("*.css"):
        assert not LOADED_BY_STYLE.search(path.read_text()), path


@pytest.mark.slow
def test_a_browser_asks_this_machine_only(site):
    sync_api = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home, asked = f"http://127.0.0.1:{server.server_port}/", []
    try:
        with sync_api.sync_playwright() as playwright:
            page = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"]).new_page()
            page.on("request", lambda request: asked.append(request.url))
            for name in ("index.html", "reference/engine.html", "explanations/data-statement.html"):
                page.goto(home + name, wait_until="networkidle")
            page.keyboard.press("/")
            page.keyboard.type("calibration")
            page.wait_for_selector(".md-search-result__item")
    finally:
        server.shutdown()
    assert len(asked) > 3
    assert [url for url in asked if not url.startswith((home, "data:", "blob:"))] == []
