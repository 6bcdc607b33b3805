"""Commands in processes of their own, to be killed, and places with too little room."""

import os
import random
import resource
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from core.labels import FER7

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def command(tmp_path):
    """`python -m …` in a folder of its own, as a list and an environment for `subprocess`."""
    home = tmp_path / "home"
    home.mkdir()
    environment = {name: text for name, text in os.environ.items() if name != "MLFLOW_TRACKING_URI"}
    environment |= {"PYTHONPATH": str(ROOT), "MIEN_MODELS": str(home / "models"), "TF_CPP_MIN_LOG_LEVEL": "3"}

    def run(*arguments, wait=True, **options):
        told = {"cwd": home, "env": environment | options.pop("more", {}), "text": True, **options}
        words = [sys.executable, "-m", *map(str, arguments)]
        if wait:
            return subprocess.run(words, capture_output=True, check=False, **told)
        # No pipe: nobody reads it, and the workers of a killed run would hold it open.
        return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **told)

    run.home = home
    return run


class Killer:
    """Starts something again and again and kills it at random moments.

    Args:
        start: Starts it.
        begun: Whether the work has begun.
        over: Whether its end is there.
        tell: Takes how often it was killed, under the name "tries".
        seed: Of the moments.
    """

    def __init__(self, start, begun, over, tell, seed=0):
        self._start, self._begun, self._over, self._tell = start, begun, over, tell
        self._moments = random.Random(seed)

    def whole(self):
        """Let it end once; the seconds that it works."""
        process = self._started()
        began = time.monotonic()
        assert process.wait() == 0
        assert self._over()
        return time.monotonic() - began

    def kill(self, times, within_s, after, reset):
        """Kill it so many times in the middle of its work.

        Args:
            times: That count: the work had begun, and its end was not there yet. A kill that comes too late is
                repeated, and the next one comes earlier.
            within_s: Seconds that the work takes.
            after: Called after each kill that counts.
            reset: Called after one that does not.
        """
        hits = misses = 0
        while hits < times:
            assert misses < 10, "the work is always done before the kill"
            process = self._started()
            time.sleep(self._moments.uniform(0, within_s * 0.8**misses))
            process.send_signal(signal.SIGKILL)
            code = process.wait()
            assert code in (0, -signal.SIGKILL), f"it ended by itself with {code}"
            if code == 0 or self._over():
                misses += 1
                reset()
            else:
                hits += 1
                after()
        self._tell("tries", hits)

    def _started(self):
        process = self._start()
        while process.poll() is None and not self._begun():
            time.sleep(0.002)
        return process


@pytest.fixture
def killer(record_property):
    """`killer(start, begun, over)`: a `Killer`."""
    return partial(Killer, tell=record_property)


class Room:
    """A folder that takes only so many bytes: a small file system of its own where this user may mount one.

    Elsewhere no process that `preexec_fn` prepares can write a file of more bytes there, or anywhere, which fails in
    the same places with another number of the error.
    """

    def __init__(self, folder: Path, size: int):
        self.folder, self._size = folder, size
        folder.mkdir()
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], capture_output=True)
        self.is_mounted = made.returncode == 0
        self.preexec_fn = None if self.is_mounted else self._limit

    def _limit(self):
        resource.setrlimit(resource.RLIMIT_FSIZE, (self._size, self._size))

    def make_more(self):
        """As if somebody had cleared up."""
        self.preexec_fn = None
        if self.is_mounted:
            subprocess.run(["mount", "-o", "remount,size=1g", self.folder], check=True)

    def free(self):
        """Give it back."""
        if self.is_mounted:
            subprocess.run(["umount", "--lazy", self.folder], check=True)


@pytest.fixture
def little_room(tmp_path):
    """`little_room(bytes)`: a `Room`."""
    rooms = []

    def make(size):
        rooms.append(Room(tmp_path / f"room-{len(rooms)}", size))
        return rooms[-1]

    yield make
    for room in rooms:
        room.free()


@pytest.fixture
def read_only(tmp_path):
    """A folder in which nobody can write, root neither, with what was put into `tmp_path / "read-only"` before."""
    folder = tmp_path / "read-only"
    folder.mkdir(exist_ok=True)
    bound = subprocess.run(["mount", "--bind", "-o", "ro", folder, folder], capture_output=True).returncode == 0
    folder.chmod(0o555) if not bound else None
    yield folder
    with suppress(OSError):
        subprocess.run(["umount", "--lazy", folder], check=True) if bound else folder.chmod(0o755)


@pytest.fixture(scope="session")
def pictures_csv(tmp_path_factory):
    """`fer2013.csv` with 3,500 made-up pictures, which takes seconds to import."""
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("source") / "fer2013.csv"
    usages = ["Training"] * 8 + ["PublicTest", "PrivateTest"]
    with open(path, "w") as lines:
        lines.write("emotion,pixels,Usage\n")
        for number in range(3500):
            pixels = " ".join(map(str, rng.integers(0, 256, 48 * 48).tolist()))
            lines.write(f"{number % len(FER7)},{pixels},{usages[number % 10]}\n")
    return path


@pytest.fixture(scope="session")
def film(tmp_path_factory, write_clip):
    """Six seconds of a face, 25 pictures a second."""
    from PIL import Image
    from skimage.data import astronaut

    face = np.asarray(Image.fromarray(astronaut()[:400, 50:450]).resize((320, 320)))
    pictures = [np.roll(face, number % 20, axis=1) for number in range(150)]
    return write_clip(tmp_path_factory.mktemp("film") / "film.mp4", pictures, [number / 25 for number in range(150)])


@pytest.fixture(scope="session")
def portraits(tmp_path_factory):
    """A folder with sixty pictures of a face."""
    from PIL import Image
    from skimage.data import astronaut

    folder = tmp_path_factory.mktemp("portraits")
    for number in range(60):
        Image.fromarray(astronaut()[:300, 100:400]).save(folder / f"{number:02}-{'long-name-' * 5}.jpg")
    return folder
