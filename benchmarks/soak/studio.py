"""A running studio and its visitors, who open pages over the server's WebSocket as browsers do."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.environments import ROOT

PAGES = sorted(path.stem for path in (ROOT / "webapp" / "screens").glob("*.py"))
PATIENCE_S = 120.0


class Studio:
    """`streamlit run webapp/Home.py` in a process of its own, as a context manager.

    Args:
        log: File for what the server prints.

    Attributes:
        pid: Process id of the server.
    """

    def __init__(self, log: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        options = {"port": self._port, "address": "127.0.0.1", "headless": "true", "fileWatcherType": "none"}
        given = [word for name, value in options.items() for word in (f"--server.{name}", str(value))]
        command = [sys.executable, "-m", "streamlit", "run", "webapp/Home.py", *given]
        with log.open("wb") as file:
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=file)
        self.pid = self._process.pid

    def __enter__(self) -> Studio:
        end = time.monotonic() + PATIENCE_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                self.__exit__()
                raise RuntimeError("The studio does not start")
            time.sleep(0.5)
        return self

    def __exit__(self, *_) -> None:
        self._process.terminate()
        self._process.wait()

    def visit(self, page: str) -> None:
        """Open a page in a new session and wait until it is drawn.

        Args:
            page: Name of the page, one of `PAGES`.

        Raises:
            RuntimeError: The page's script failed, or the connection was closed.
            TimeoutError: The page was not drawn in time.
        """
        asyncio.run(asyncio.wait_for(self._visit(page), PATIENCE_S))

    def _answers(self) -> bool:
        try:
            return urlopen(f"http://127.0.0.1:{self._port}/_stcore/health", timeout=2).status == 200
        except (URLError, OSError):
            return False

    async def _visit(self, page: str) -> None:
        from streamlit.proto.BackMsg_pb2 import BackMsg
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
        from tornado.websocket import websocket_connect

        connection = await websocket_connect(f"ws://127.0.0.1:{self._port}/_stcore/stream", subprotocols=["streamlit"])
        try:
            request = BackMsg()
            request.rerun_script.page_name = page
            await connection.write_message(request.SerializeToString(), binary=True)
            while (content := await connection.read_message()) is not None:
                message = ForwardMsg.FromString(content)
                if message.delta.new_element.HasField("exception"):
                    raise RuntimeError(f"page {page}: {message.delta.new_element.exception.message}")
                if message.WhichOneof("type") == "script_finished":
                    return
            raise RuntimeError(f"page {page}: the server hung up")
        finally:
            connection.close()
