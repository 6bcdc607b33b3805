import json

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks import benchmarks_page, machine
from benchmarks.__main__ import SECTIONS, main
from benchmarks.environments import ROOT
from benchmarks.speed import scaling

WAY = {"median": 10, "p95": 10, "n": 1, "peak_mb": 300}
WORK = {
    "count": 100,
    "what": "images",
    "start_s": 1.0,
    "cores": 1.0,
    "ways": dict.fromkeys(("one process", "two processes"), WAY),
}
FIGURES = {
    "together": 1.9,
    "workers": {"extract landmarks": WORK},
    "sizes": [{"images": 10**power, "seconds": power, "peak_mb": 300} for power in (3, 4, 5)],
}


def place(has_vnni):
    return machine.machine(0.0) | {"instructions": "AVX2, VNNI" if has_vnni else "AVX2, no VNNI"}


def test_the_page_is_written_from_what_is_kept_of_each_kind_of_processor(tmp_path):
    kept, page = tmp_path / "kept", tmp_path / "page.md"
    readme = tmp_path / "readme.md"
    readme.write_text("# A\n\n<!-- peers:start -->\n<!-- peers:end -->\n")
    write = ["--write-only", "--kept", str(kept), "--out", str(page), "--readme", str(readme)]
    for has_vnni, heading in ((True, "### With VNNI"), (False, "### Without VNNI")):
        benchmarks_page.save(FIGURES, benchmarks_page.path_of("scaling", kept, place(has_vnni)), place(has_vnni))
        main(write)
        text = page.read_text()
        assert text.count(heading) == 1
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        f"## {s.TITLE}" for s in SECTIONS.values()
    ]
    assert text.count("Not measured yet with VNNI or without VNNI") == len(SECTIONS) - 1
    assert text.count(place(True)["date"]) == 2
    assert all(f"--only {name}`" in text for name in SECTIONS if name != "scaling")


def test_the_committed_page_is_what_the_committed_figures_give():
    page = ROOT / "docs" / "benchmarks.md"
    kept = page.with_suffix("")
    assert page.read_text(encoding="utf-8") == benchmarks_page.text(SECTIONS, kept)
    assert benchmarks_page.claims(kept) in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("taken", "tries", "kept"), [([0.02], 1, 0.02), ([0.5, 0.05], 2, 0.05), ([0.5, 0.3, 0.4, 0.0], 3, 0.3)]
)
def test_a_section_is_measured_anew_while_others_disturb_it(monkeypatch, taken, tries, kept):
    left, measured = iter(taken), []
    monkeypatch.setattr(machine, "Watch", lambda patience_s: machine)
    monkeypatch.setattr(machine, "machine", lambda: {"others": next(left)})
    monkeypatch.setattr(scaling, "measure", lambda quick, data: measured.append(1) or {"try": len(measured)})
    figures, where = benchmarks.measured(scaling, False, None)
    assert len(measured) == tries
    assert where == {"others": kept}
    assert figures == {"try": taken.index(kept) + 1}


def test_a_quick_run_writes_no_page(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(scaling, "measure", lambda quick, data: FIGURES)
    monkeypatch.setattr(benchmarks, "ROOT", tmp_path)
    page = tmp_path / "page.md"
    main(["--quick", "--only", "scaling", "--data", "none", "--out", str(page)])
    assert not page.exists()
    (kept,) = (tmp_path / "runs").glob("bench-quick/*/scaling.json")
    assert json.loads(kept.read_text())["figures"] == FIGURES
    assert "accuracy is not measured" in capsys.readouterr().out
