import numpy as np
import pytest

from webapp.charts.matrix import share_matrix


@pytest.mark.parametrize(("as_shares", "told"), [(False, ["1", "0", "0", "3"]), (True, ["25%", "0%", "0%", "75%"])])
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
    cells, weak, strong = figure.data
    np.testing.assert_array_equal(cells.z, [[0.75, 0.25], [0, 0]])
    assert [*weak.text, *strong.text] == told
    assert list(zip(weak.y, weak.x, strict=True))[:2] == [("happy", "sorry"), ("sad", "glad")]
    assert (list(strong.y), list(strong.x), strong.textfont.color) == (["happy"], ["glad"], "white")
    assert cells.hovertemplate.startswith("%{y} answered %{x}: %{customdata:,} (%{z:.0%})")
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
