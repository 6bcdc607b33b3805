import re
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from core.labels import FER7
from webapp.charts import timelines
from webapp.charts.timelines import Sample


def rows_of(face, labels, spacing=0.1, start=0.0):
    """A face's table: a probability of 0.7 for each moment's label."""
    table = pd.DataFrame({"time_s": start + np.arange(len(labels)) * spacing, "face": face, "label": labels})
    table["frame"] = (table["time_s"] / spacing).round().astype(int)
    return table.assign(**{name: np.where(table["label"] == name, 0.7, 0.05) for name in FER7.labels})


def test_the_band_names_its_pieces_and_the_areas_add_up():
    labels = ["happy"] * 10 + ["unsure"] * 5 + ["sad"] * 10
    figure = timelines.clip_timeline(rows_of(1, labels), np.arange(25) * 0.1)
    pieces = {bar.text[0]: (list(bar.base), list(bar.x)) for bar in figure.data if bar.type == "bar"}
    assert pieces["happy"] == ([0.0], pytest.approx([1.0]))
    assert pieces["sad"] == (pytest.approx([1.5]), pytest.approx([1.0]))
    areas = [trace for trace in figure.data if trace.type == "scatter"]
    assert [area.fillcolor for area in areas] == [FER7.colours[label] for label in FER7.labels]
    assert np.sum([area.y for area in areas], axis=0)[0] == pytest.approx(1.0)
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"


def test_a_face_that_was_away_leaves_a_gap():
    table = pd.concat([rows_of(1, ["sad"] * 10), rows_of(1, ["sad"] * 10, start=3.0)])
    figure = timelines.clip_timeline(table, np.arange(40) * 0.1)
    (bar,) = (trace for trace in figure.data if trace.type == "bar")
    assert list(bar.base) == pytest.approx([0.0, 3.0])
    sad = next(trace for trace in figure.data if trace.type == "scatter" and trace.fillcolor == FER7.colours["sad"])
    away = [y for x, y in zip(sad.x, sad.y, strict=True) if 0.91 < x < 2.99]
    assert away == [0, 0]


def test_slow_pictures_leave_no_gap_but_a_single_one_without_the_face_does():
    times = np.cumsum([0.1, 0.1, 0.9, 0.1, 1.4, 0.1, 0.1, 0.1])
    slow = rows_of(1, ["sad"] * 8).assign(time_s=times.round(6))
    assert stretches(slow, times) == [(pytest.approx(0.1), pytest.approx(timelines.span(times)[1]))]
    missed = stretches(slow.drop(index=6), times)
    assert missed == [(pytest.approx(0.1), pytest.approx(2.8)), (pytest.approx(2.9), pytest.approx(3.0))]


def stretches(table, times_s):
    """First and last moment of each piece of the band, all of one label; the areas are zero between them alone."""
    figure = timelines.clip_timeline(table, times_s)
    (bar,) = (trace for trace in figure.data if trace.type == "bar")
    found = [(start, start + length) for start, length in zip(bar.base, bar.x, strict=True)]
    sad = next(trace for trace in figure.data if trace.type == "scatter" and trace.fillcolor == FER7.colours["sad"])
    empty = [x for x, y in zip(sad.x, sad.y, strict=True) if y == 0]
    assert all(any(end <= x + 0.11 and x - 0.11 <= start for (_, end), (start, _) in pairwise(found)) for x in empty)
    return found


def test_a_long_clip_is_thinned_for_the_browser():
    figure = timelines.clip_timeline(rows_of(1, ["sad"] * 54_000, spacing=1 / 30), np.arange(54_000) / 30)
    assert all(len(trace.x) <= 600 for trace in figure.data)


def area_of(svg, label):
    """The corners of a label's area in a drawing of the last minute, as (seconds before now, share below it)."""
    points = re.search(rf'points="([^"]*)"><title>{label}<', svg).group(1)
    corners = [tuple(map(float, point.split(","))) for point in points.split()]
    return [(x / 10 - 60, 1 - y / 100) for x, y in corners]


def test_a_face_that_was_out_of_view_leaves_a_gap_in_the_last_minute(reading):
    happy = dict(reading().probabilities)
    times = [index * 0.25 for index in range(100)]
    samples = [Sample(time_s, {} if 5 < time_s < 10 else {3: happy}) for time_s in times]
    svg = timelines.last_minute(samples, 3)
    assert svg.count("<polygon") == len(FER7.labels)
    area = area_of(svg, "neutral")  # the topmost: all seven
    assert max(time_s for time_s, _ in area) == 0
    gap = [round(share, 2) for time_s, share in area if -19.8 < time_s < -14.7]
    assert gap == [1, 0, 0, 1]
    assert "<polygon" not in timelines.last_minute([], 1)


def test_the_last_minute_is_thinned_for_the_browser(reading):
    happy = dict(reading().probabilities)
    svg = timelines.last_minute([Sample(index / 5, {3: happy}) for index in range(300)], 3)
    area = area_of(svg, "neutral")
    assert len(area) <= 152
    assert area[-1][0] == 0


def test_a_machine_that_reads_few_pictures_leaves_no_gaps_in_the_last_minute(reading):
    happy = dict(reading().probabilities)
    svg = timelines.last_minute([Sample(time_s, {3: happy}) for time_s in range(0, 20, 2)], 3)
    assert {round(share, 2) for _, share in area_of(svg, "neutral")[1:-1]} == {1}
