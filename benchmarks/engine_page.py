"""A page of Chromium in which the engine of the browser reads pictures, served from a folder on this machine."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Iterator, Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np

from webapp.browser import facts, site


@contextlib.contextmanager
def served(folder: Path, script: Path) -> Iterator[str]:
    """Serve the scripts of the engine, the site's files, one more script, and pictures.

    Args:
        folder: Empty folder to serve.
        script: A script of the caller's own, which the page imports by its name.

    Yields:
        The address, with a slash at its end.
    """
    site.write(folder / "site")
    (folder / "engine").symlink_to(facts.FILE.parent)
    (folder / "frames").mkdir()
    shutil.copy(script, folder)
    (folder / "index.html").write_text("<!doctype html>")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def write_frames(folder: Path, pictures: Sequence[np.ndarray]) -> None:
    """Write pictures, uint8 RGB (height, width, 3), where `served` serves them: `/frames/0.png` and so on."""
    for index, picture in enumerate(pictures):
        cv2.imwrite(str(folder / "frames" / f"{index}.png"), picture[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])


def program() -> str | None:
    """Path of Chromium, or None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextlib.contextmanager
def chromium(*flags: str) -> Iterator:
    """Run Chromium with some flags; gives Playwright's browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=["--no-sandbox", *flags])
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def opened(address: str) -> Iterator:
    """Open what `served` serves; gives Playwright's page, with the runtime loaded."""
    with chromium() as browser:
        yield new_page(browser, address)


def new_page(browser, address: str):
    """Open one more page of what `served` serves, as `opened` does."""
    page = browser.new_page()
    page.set_default_timeout(600_000)
    page.goto(address)
    page.add_script_tag(url=f"{address}site/litert_wasm_compat_internal.js")
    return page


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_) -> None:
        """Say nothing of what was asked for."""
