import numpy as np
import pytest

from webapp.charts.matrix import share_matrix


@pytest.mark.parametrize(("as_shares", "told"), [(False, ["3", "1", "0", "0"]), (True, ["75%", "25%", "0%", "0%"])])
def test_colours_are_shares_of_the_row_and_texts_are_what_was_asked_for(as_shares, told):
    figure = share_matrix(
        np.array([[3, 1], [0, 0]]),
        ["happy", "sad"],
        ["glad", "sorry"],
        row_title="label",
        column_title="answer",
        hover="%{y} answered %{x}",
        as_shares=as_shares,
    )
    cells, places = figure.data
    np.testing.assert_array_equal(cells.z, [[0.75, 0.25], [0, 0]])
    texts = figure.layout.annotations
    assert [one.text for one in texts] == told
    assert [(one.y, one.x) for one in texts] == list(zip(places.y, places.x, strict=True))
    assert [one.font.color for one in texts] == ["white", None, None, None]
    assert places.hovertemplate.startswith("%{y} answered %{x}: %{customdata[0]:,} (%{customdata[1]:.0%})")
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
