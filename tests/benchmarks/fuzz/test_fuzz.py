import itertools
import json

import pytest

from benchmarks.fuzz import __main__ as fuzz
from benchmarks.fuzz import guided
from benchmarks.fuzz.guided import Guided
from benchmarks.fuzz.inputs import KINDS, Inputs
from benchmarks.fuzz.seeds import corpus, pictures
from benchmarks.fuzz.targets import TARGETS, try_one
from benchmarks.machine import machine
from benchmarks.soak.record import GROWTH_ALLOWED

ROW = {
    "kind": "cut short",
    "bytes": 9,
    "megapixels": 0.0,
    "faces": 0,
    "fault": "",
    "outcome": "refused",
    "seconds": 0.1,
}

READER = """
import json, os, signal, sys
print("{{}}", flush=True)
for number in map(int, sys.argv[2:]):
    if number == 3:
        os.kill(os.getpid(), signal.SIGSEGV)
    print(json.dumps({row} | {{"number": number, "resident": 1000}}), flush=True)
"""


def row(number, **more):
    return ROW | {"number": number, "resident": 1000} | more


def test_an_input_is_the_same_whenever_it_is_made():
    one, other = Inputs(1), Inputs(1)
    assert [one.make(number) for number in range(20)] == [other.make(number) for number in reversed(range(20))][::-1]
    assert one.make(0) != Inputs(2).make(0)


def test_every_kind_is_made_and_differs_from_what_it_is_made_of():
    inputs, seeds, made = Inputs(0), set(pictures().values()), {}
    for number in itertools.count():
        kind, data = inputs.make(number)
        made.setdefault(kind, set()).add(data)
        if len(made) >= len(KINDS) - 1 and number > 200:  # the largest take long to make, and are rare
            break
        assert number < 2000
    assert all(versions - seeds for versions in made.values())


@pytest.mark.parametrize("kind", TARGETS)
def test_what_is_altered_is_whole_at_first(kind, tmp_path):
    outcomes = [try_one(kind, data, tmp_path) for data in corpus(kind)]
    refused = 3 if kind == "picture" else 0  # HEIC, SVG and EPS
    assert outcomes.count("refused") == refused


def test_a_foreign_error_goes_through(tmp_path, monkeypatch):
    monkeypatch.setitem(TARGETS, "card", lambda data, folder: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        try_one("card", b"", tmp_path)


def test_an_input_that_kills_its_process_is_named_and_the_others_are_read(monkeypatch, tmp_path):
    monkeypatch.setattr(fuzz, "READER", ("-c", READER.format(row=ROW)))
    done = fuzz.read(seed=1, count=6)
    assert sorted(done.rows) == [0, 1, 2, 4, 5]
    assert list(done.faults) == [3]
    fuzz.keep(done, 1, tmp_path)
    assert (tmp_path / "read-1-3").read_bytes() == Inputs(1).make(3)[1]


def test_one_that_never_comes_to_an_end_is_named_too(monkeypatch):
    waits = "import sys, time; print('{}', flush=True); time.sleep(600)"
    monkeypatch.setattr(fuzz, "READER", ("-c", waits))
    monkeypatch.setattr(fuzz, "_PATIENCE_S", 3)
    assert list(fuzz.read(seed=1, count=1).faults) == [0]


@pytest.mark.parametrize(
    ("first", "again", "is_fault"),
    [
        ({"seconds": 3.0}, {"seconds": 2.5}, True),
        ({"seconds": 3.0}, {"seconds": 0.5}, False),
        ({"seconds": 3.0, "megapixels": 10.0}, {"seconds": 3.0, "megapixels": 10.0}, False),
        ({"seconds": 30.0, "megapixels": 10.0}, {"seconds": 30.0, "megapixels": 10.0}, True),
        ({"fault": "ValueError at a.py:1"}, {}, True),
        ({}, {}, False),
    ],
)
def test_what_is_a_fault(monkeypatch, first, again, is_fault):
    turns = iter([first, again])
    monkeypatch.setattr(fuzz, "_results", lambda seed, numbers: iter([row(0, **next(turns))]))
    assert bool(fuzz.read(1, 1).faults) == is_fault


@pytest.mark.parametrize(("step", "is_growth"), [(0, False), (1, True)])
def test_memory_that_grows_from_round_to_round_is_seen_and_a_warm_start_is_not(monkeypatch, step, is_growth):
    def results(seed, numbers):
        assert numbers == [*range(100)] * 6
        return iter([row(n, resident=50 if place < 100 else 1000 + step * place) for place, n in enumerate(numbers)])

    monkeypatch.setattr(fuzz, "_results", results)
    assert (fuzz.growth(1, 100) > GROWTH_ALLOWED) == is_growth


def test_a_process_that_dies_on_the_way_is_no_steady_one(monkeypatch):
    monkeypatch.setattr(fuzz, "_results", lambda seed, numbers: iter([row(0)]))
    assert fuzz.growth(1, 100) > GROWTH_ALLOWED


FOUND = """#2 INITED cov: 10 ft: 10 corp: 1/1b exec/s: 0 rss: 50Mb
#37 NEW    cov: 12 ft: 14 corp: 3/9b lim: 4 exec/s: 0 rss: 50Mb L: 4/4 MS: 1 ChangeBit-
 === Uncaught Python exception: ===
IndexError: string index out of range
Traceback (most recent call last):
artifact_prefix='/x/'; Test unit written to /x/archive-crash-abc
stat::number_of_executed_units: 41
"""


def test_what_atheris_tells():
    assert guided.parse_output("pack", 0, FOUND) == Guided("pack", 41, 12, 3)
    fault = "IndexError: string index out of range; input: archive-crash-abc"
    assert guided.parse_output("pack", 77, FOUND) == Guided("pack", 41, 12, 3, fault)
    assert "timeout after 11 seconds" in guided.parse_output("pack", 70, "ALARM: timeout after 11 seconds\n").fault
    assert guided.parse_output("pack", 0, "").fault


def figures(**more):
    told = {"machine": machine(0.0), "count": 2, "seed": 1, "seconds": 9.0, "growth": 0.0, "rows": [row(0), row(1)]}
    told |= {"faults": {}, "untried": "", "guided_s": 5, "guided": [vars(Guided("pack", 1000, 9, 5))]}
    return json.loads(json.dumps(told | more))


def test_the_section_says_what_holds_and_what_does_not():
    text = "\n".join(fuzz.section(figures()))
    assert "None crashed" in text
    assert "**" not in text
    text = "\n".join(fuzz.section(figures(faults={"7": "it killed the process"}, growth=0.3, untried="no such wheel")))
    for words in (
        "**1 of them did harm**",
        "**Input 7**: it killed",
        "**Memory changed by",
        "**Fuzzing under guidance was not",
    ):
        assert words in text
    large = figures(rows=[row(0, seconds=8.0, megapixels=49.0)])
    assert "**Whole pictures of more than a megapixel take longer: 8.0 s" in "\n".join(fuzz.section(large))
