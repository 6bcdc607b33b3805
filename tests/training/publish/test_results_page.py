from dataclasses import replace
from pathlib import Path

import pytest

from core.cards import Card
from training.errors import TrainingError
from training.evaluation import robustness
from training.evaluation.measurement import stored
from training.publish.results_page import CHART, models_table, results_page, write_between, write_results

ROOT = Path(__file__).resolve().parents[3]
COMMITTED = stored(ROOT / "docs" / "reports")
ROBUST = robustness.stored(ROOT / "docs" / "robustness")


def card(dataset="fer2013.parquet", **metrics):
    return Card("m", "quick", "A model.", {}, {}, {}, {"a": {"bytes": 2_500_000}}, metrics, data={"name": dataset})


def test_a_row_for_each_model_measured_or_not():
    figures = {"accuracy": 0.6789, "accuracy_interval": [0.66, 0.69], "accuracy_without_copies": 0.67}
    table = models_table([card(private_test=figures | {"balanced_accuracy": 0.6, "ece": 0.012}), card()]).splitlines()
    assert "67.9% (66.0% to 69.0%) | 67.0% | 60.0% | 1.2% | 2.5 MB" in table[2]
    assert "not measured" in table[3]
    assert len({line.count("|") for line in table}) == 1


FIGURES = {"accuracy": 0.6, "accuracy_interval": [0.5, 0.7], "accuracy_without_copies": 0.6}
FIGURES |= {"balanced_accuracy": 0.6, "ece": 0.01}


def test_the_table_says_only_what_the_cards_say():
    theirs, own = card(private_test=FIGURES), card("my-faces.parquet", private_test=FIGURES)
    assert "| PrivateTest |" in models_table([theirs])
    assert "| private-test |" in models_table([own])
    assert "FER2013" not in models_table([own])
    both = models_table([theirs, own]).splitlines()
    assert "| private-test |" in both[0]
    assert "70.0%), FER2013 |" in both[2]
    assert "70.0%), my-faces |" in both[3]


def test_a_page_of_an_own_dataset_has_none_of_fer2013s_words():
    own = "my-faces.parquet"
    measured = [
        replace(
            one,
            card=replace(
                one.card,
                data={"name": own},
                metrics={split: told | {"dataset": own} for split, told in one.card.metrics.items()},
            ),
        )
        for one in COMMITTED
        if len(one.card.outputs) == 1
    ][:2]
    page = results_page(measured)
    assert "## my-faces's private-test" in page
    words = page.replace(next(iter(measured)).card.command, "")
    assert not {"PublicTest", "PrivateTest"} & set(words.replace("*", " ").split())


def test_only_what_is_between_the_markers_is_replaced(tmp_path):
    path = tmp_path / "a.md"
    path.write_text("before\n<!-- x:start -->\nold\n<!-- x:end -->\nafter\n")
    for _ in range(2):
        write_between(path, "x", "new")
    assert path.read_text() == "before\n<!-- x:start -->\nnew\n<!-- x:end -->\nafter\n"


def test_a_file_without_markers_stays_as_it_is(tmp_path):
    path = tmp_path / "a.md"
    path.write_text("text\n<!-- x:start -->\n")
    with pytest.raises(TrainingError, match="x:end"):
        write_between(path, "x", "new")
    assert path.read_text() == "text\n<!-- x:start -->\n"


def test_nothing_measured_makes_no_page():
    with pytest.raises(TrainingError, match="--final"):
        results_page([])


def test_the_page_and_its_chart_are_written_together(tmp_path):
    write_results(COMMITTED, ROBUST, tmp_path / "results.md")
    assert f"]({CHART})" in (tmp_path / "results.md").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["results.md", CHART])


def test_without_robustness_there_is_no_chart(tmp_path):
    write_results(COMMITTED, [], tmp_path / "results.md")
    assert CHART not in (tmp_path / "results.md").read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["results.md"]
