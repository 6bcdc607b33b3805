from xml.etree import ElementTree

import pytest

from training.evaluation.corruptions import CORRUPTIONS
from training.evaluation.robustness import Robustness
from training.publish.robustness_chart import chart, save_chart


def robust(name, sees="pixels", accuracy=0.5, corruptions=CORRUPTIONS):
    values = {each: [accuracy - 0.05 * step for step in range(5)] for each in corruptions}
    return Robustness(name, "a", sees, "public-test", "d", 100, 0, accuracy, values, values)


@pytest.fixture(scope="module")
def models():
    kinds = ["pixels"] * 6 + ["mesh"] * 5 + ["both"]
    return [robust(f"model-{number}", sees, 0.4 + number / 50) for number, sees in enumerate(kinds)]


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


def test_equal_figures_give_equal_files_with_a_ground_of_their_own(tmp_path):
    paths = [tmp_path / "a.svg", tmp_path / "b.svg"]
    for path in paths:
        save_chart([robust("m", corruptions=["rotation"])], path)
    first, second = (path.read_text() for path in paths)
    assert first == second
    assert "<dc:date>" not in first
    assert "fill: #ffffff" in first
    assert ElementTree.fromstring(first).tag.endswith("svg")
    assert sorted(tmp_path.iterdir()) == paths
