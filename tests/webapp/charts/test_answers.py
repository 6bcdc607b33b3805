import sys
from pathlib import Path

import pytest

from core.labels import FER7
from webapp.charts import answers


@pytest.fixture
def figure(recognizer, pictures):
    (reading,) = recognizer.read_frame(pictures[1]).readings
    return answers.probability_bars(reading)


def test_bars_name_every_label_in_order(figure):
    (bars,) = figure.data
    assert [name.removeprefix("<b>").removesuffix("</b>") for name in bars.y] == list(FER7.labels)
    assert figure.layout.yaxis.autorange == "reversed"


def test_bars_differ_by_more_than_colour(figure):
    (bars,) = figure.data
    assert list(bars.marker.color) == [FER7.colours[label] for label in FER7.labels]
    assert list(bars.text) == ["1 %", "1 %", "1 %", "94 %", "1 %", "1 %", "1 %"]
    assert [name for name in bars.y if name.startswith("<b>")] == ["<b>happy</b>"]


def test_bars_suit_light_and_dark_pages(figure):
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"


def test_charts_know_no_streamlit():
    assert "streamlit" not in Path(sys.modules["webapp.charts.answers"].__file__).read_text().splitlines()[2:]
