import pytest

from webapp.ui.photo import samples


def test_a_sample_is_one_click_away(open_page, detector):
    page = open_page("start")
    page.press("Read three faces")
    assert page.title[0].value == "Photo"
    assert len(page.charts) == 3


@pytest.mark.parametrize("sample", samples.SAMPLES, ids=lambda sample: sample.path.stem)
def test_every_sample_is_there(sample):
    assert sample.path.is_file()


def test_strangers_are_shown_the_pages_that_they_may_use(open_page):
    page = open_page("start", mode="public")
    assert not page.says("Train one")
    assert page.says("faces keep their numbers")
    assert not page.says("What a dataset holds")
