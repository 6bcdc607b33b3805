from dataclasses import replace
from xml.etree import ElementTree

import pytest

from training.evaluation.corruptions import CORRUPTIONS
from training.evaluation.robustness import Robustness
from training.publish.robustness import chart, save_chart, section, share_kept


def robust(name, sees="pixels", clean=0.6, corruptions=CORRUPTIONS, **shares):
    """A model that keeps the whole of its clean accuracy except under the corruptions that are named."""
    accuracy = {each: [clean * shares.get(each, 1.0)] * 5 for each in corruptions}
    coverage = {each: [0.9 if sees == "mesh" else 1.0] * 5 for each in CORRUPTIONS}
    return Robustness(name, "a", sees, "public-test", "d", 1000, 0, clean, accuracy, coverage)


def claim(*models):
    """The table below the claim, by row, and the sentences after it."""
    *_, table, verdict = section(models, "chart.svg")
    header, _, *rows = [line.strip("|").split("|") for line in table.splitlines()]
    columns = [cell.strip() for cell in header]
    told = {row[0].split(":")[0].strip(): dict(zip(columns, map(str.strip, row), strict=True)) for row in rows}
    return told, verdict


def test_what_is_kept_is_the_mean_over_strengths_and_corruptions():
    assert share_kept(robust("m", brightness=0.5), "light") == pytest.approx(0.75)
    assert share_kept(robust("m", brightness=0.5), "noise") == pytest.approx(1)


def test_the_chart_and_a_row_for_each_model():
    parts = section([robust("a"), robust("b", clean=0.4, mask=0.5)], "chart.svg")
    assert "](chart.svg)" in parts[2]
    row = parts[-1].splitlines()[3].strip("| ").split(" | ")
    assert row[:3] == ["b", "40.0", f"{40 * (1 - 0.5 / len(CORRUPTIONS)):.1f}"]
    assert row.count("20.0") == 1
    assert "1000 images of public-test" in parts[1]


@pytest.mark.parametrize("sees", ["pixels", "mesh", "both"])
def test_nothing_is_claimed_where_there_is_nothing_to_compare(sees):
    assert not any("claim" in part for part in section([robust("a", sees), robust("b", sees)], "chart.svg"))


def test_the_claim_is_held_against_the_figures():
    rows, verdict = claim(
        robust("quick", rotation=0.8, gaussian_noise=0.7, scale=0.9),
        robust("svm", "mesh", gaussian_noise=0.5, scale=0.92),
        robust("gnn", "mesh", gaussian_noise=0.6, scale=0.95),
    )
    assert rows["noise"]["mesh models"] == "55.0% (50.0% to 60.0%)"
    assert rows["noise"]["pixel models"] == "70.0%"
    assert rows["noise"]["faces that mesh models find"] == "90.0%"
    assert {family: row["the claim"] for family, row in rows.items()} == {
        "light": "held",
        "noise": "did not hold",
        "rotation": "held",
        "scale": "did not hold",
    }
    assert verdict == (
        "The claim held for light and rotation; did not hold for noise and scale. Compared with pixel models, mesh "
        "models keep a larger share under rotation and scale; a smaller share under noise; the same share under light."
    )


def test_other_figures_tell_another_story():
    _, verdict = claim(
        robust("quick"), robust("svm", "mesh", brightness=0.1, gaussian_noise=0.1, rotation=0.1, scale=0.1)
    )
    assert verdict == (
        "The claim did not hold for light, noise, rotation and scale. Compared with pixel models, mesh models keep a "
        "smaller share under light, noise, rotation and scale."
    )


def test_models_of_both_have_a_column_of_their_own():
    models = [robust("quick"), robust("svm", "mesh", rotation=0.5), robust("fusion", "both", rotation=0.9)]
    rows, _ = claim(*models)
    assert rows["rotation"]["models of both"] == "90.0%"
    assert "models of both" not in claim(*models[:2])[0]["rotation"]


def test_the_share_kept_does_not_depend_on_how_good_a_model_is():
    one = robust("m", scale=0.7)
    better = replace(one, clean=1.2 * one.clean, accuracy={k: [1.2 * v for v in vs] for k, vs in one.accuracy.items()})
    assert share_kept(better, "scale") == pytest.approx(share_kept(one, "scale"))


@pytest.fixture(scope="module")
def models():
    kinds = ["pixels"] * 6 + ["mesh"] * 5 + ["both"]
    return [robust(f"model-{number}", sees, 0.4 + number / 50, rotation=0.5) for number, sees in enumerate(kinds)]


def test_a_panel_for_each_corruption_and_a_line_for_each_model_from_its_clean_accuracy_on(models):
    panels = chart(models).axes
    assert [panel.get_title() for panel in panels] == [name.replace("_", " ") for name in CORRUPTIONS]
    for panel in panels:
        assert [line.get_label() for line in panel.lines] == [one.model for one in models]
        for line, one in zip(panel.lines, models, strict=True):
            assert list(line.get_ydata()) == [one.clean, *one.accuracy[panel.get_title().replace(" ", "_")]]


def test_no_two_lines_look_alike_and_the_style_tells_what_a_model_sees(models):
    lines = chart(models).axes[0].lines
    assert len({(line.get_color(), line.get_marker(), line.get_linestyle()) for line in lines}) == len(models)
    assert [line.get_linestyle() for line in lines] == ["-"] * 6 + ["--"] * 5 + ["-."]


def test_the_legend_names_all_within_the_picture(models):
    figure = chart(models)
    figure.draw_without_rendering()
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [one.model for one in models]
    box, picture = legend.get_window_extent(), figure.bbox
    assert box.x0 >= picture.x0
    assert box.x1 <= picture.x1
    assert box.y1 <= picture.y1


@pytest.mark.parametrize("count", [1, 3, 5])
def test_empty_panels_are_left_out(count):
    assert len(chart([robust("m", corruptions=list(CORRUPTIONS)[:count])]).axes) == count


def test_equal_figures_give_equal_files_on_white(tmp_path):
    paths = [tmp_path / "a.svg", tmp_path / "b.svg"]
    for path in paths:
        save_chart([robust("m", corruptions=["rotation"])], path)
    first, second = (path.read_text() for path in paths)
    assert first == second
    assert "<dc:date>" not in first
    assert "fill: #ffffff" in first
    assert ElementTree.fromstring(first).tag.endswith("svg")
    assert sorted(tmp_path.iterdir()) == paths
