"""Peak memory of `python -m core video` on a long clip: `python -m benchmarks.speed.video_memory [--minutes N]`.

Prints the command's resident memory over time and its peak: neither may grow with the length of the clip, in which a
moving face and nobody alternate. Linux only, since it reads /proc.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.environments import ROOT
from benchmarks.measuring import resident_bytes
from benchmarks.pictures import write_clip


def main() -> None:
    """Make the clip, read it, and print the memory."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed.video_memory", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=int, default=30)
    parser.add_argument("--size", type=int, nargs=2, default=(320, 180), metavar=("W", "H"))
    parser.add_argument("--every", type=int, default=1, help="read only each Nth frame; all are decoded")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.mp4"
        write_clip(clip, options.minutes, options.rate, options.size)
        outs = ["--out", f"{folder}/faces.parquet", "--annotate", f"{folder}/marked.mp4", "--every", str(options.every)]
        began = time.monotonic()
        run = subprocess.Popen([sys.executable, "-m", "core", "video", str(clip), *outs], cwd=ROOT)
        samples = []
        while run.poll() is None:
            samples.append(resident_bytes(run.pid) / 1e6)
            time.sleep(1)
        took = time.monotonic() - began
    frames = round(options.minutes * 60 * options.rate)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6
    at = {share: samples[int(share * (len(samples) - 1))] for share in (0.1, 0.25, 0.5, 0.75, 0.95)}
    print(f"{frames:,} frames of {options.size[0]}x{options.size[1]} in {took:.0f} s, {frames / took:.0f} a second")
    print(
        "resident: " + ", ".join(f"{share:.0%} {value:.0f} MB" for share, value in at.items()) + f"; peak {peak:.0f} MB"
    )
    sys.exit(run.returncode)


if __name__ == "__main__":
    main()
