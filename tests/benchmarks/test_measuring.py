import os
import subprocess
import sys

from benchmarks.measuring import Peak, alternating, folder_bytes, peak_bytes, resident_bytes, spread


def test_each_call_has_its_turn_in_every_round():
    order = []
    calls = {name: lambda name=name: order.append(name) or len(order) for name in "ab"}
    assert alternating(calls, 3) == {"a": [1, 3, 5], "b": [2, 4, 6]}


def test_a_spread_is_median_and_95th_percentile():
    assert spread(range(101)) == {"median": 50, "p95": 95, "n": 101}


def test_a_peak_sees_what_a_child_held_for_a_moment():
    code = "import time; x = bytearray(b'1') * 80_000_000; time.sleep(1.5)"
    process = subprocess.Popen([sys.executable, "-c", code])
    with Peak(process.pid) as peak:
        process.wait()
    assert 80e6 < peak.bytes < 200e6


def test_what_a_process_holds_is_at_most_its_peak():
    assert 0 < resident_bytes(os.getpid()) <= peak_bytes(os.getpid())


def test_a_file_with_two_names_counts_once(tmp_path):
    (tmp_path / "one").write_bytes(b"12345")
    os.link(tmp_path / "one", tmp_path / "other")
    (tmp_path / "link").symlink_to("one")
    assert folder_bytes([tmp_path]) == 5
