import json

from benchmarks import benchmarks_page
from benchmarks.__main__ import SECTIONS, main
from benchmarks.machine import machine
from benchmarks.speed import scaling

WAY = {"median": 10, "p95": 10, "n": 1, "peak_mb": 300}
FIGURES = {
    "workers": {"images": 100, "ways": dict.fromkeys(("one process", "two processes"), WAY)},
    "sizes": [{"images": 10**power, "seconds": power, "peak_mb": 300} for power in (3, 4, 5)],
}


def test_the_page_is_written_from_what_is_kept(tmp_path):
    kept, page = tmp_path / "kept", tmp_path / "page.md"
    benchmarks_page.save(FIGURES, kept / "scaling.json", machine())
    main(["--write-only", "--kept", str(kept), "--out", str(page)])
    text = page.read_text()
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        f"## {s.TITLE}" for s in SECTIONS.values()
    ]
    assert text.count("Not measured yet") == len(SECTIONS) - 1
    assert json.loads((kept / "scaling.json").read_text())["machine"]["date"] in text
    assert all(f"--only {name}`" in text for name in SECTIONS if name != "scaling")


def test_a_section_that_was_measured_elsewhere_stays(tmp_path):
    kept, page = tmp_path / "kept", tmp_path / "page.md"
    benchmarks_page.save(FIGURES, kept / "scaling.json", machine())
    write = ["--write-only", "--kept", str(kept), "--out", str(page)]
    main(write)
    text = page.read_text()
    (kept / "scaling.json").unlink()
    main(write)
    assert page.read_text() == text


def test_a_quick_run_writes_no_page(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(scaling, "measure", lambda quick, data: FIGURES)
    page = tmp_path / "page.md"
    main(["--quick", "--only", "scaling", "--data", "none", "--kept", str(tmp_path), "--out", str(page)])
    assert not page.exists()
    assert (tmp_path / "quick" / "scaling.json").is_file()
    assert "accuracy is not measured" in capsys.readouterr().out
