from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.faces import tiles
from core.faces.detector import FULL_RANGE, SHORT_RANGE
from core.faces.geometry import apply, scale_of
from core.faces.pyramid import Pyramid

NETWORKS = [pytest.param(SHORT_RANGE, id="short range"), pytest.param(FULL_RANGE, id="full range")]


def picture(width, height):
    return Pyramid(np.zeros((height, width, 3), np.uint8))


@settings(deadline=None)
@given(st.data(), st.sampled_from([(640, 480), (480, 640), (1920, 1080), (200, 200), (1000, 150)]))
@pytest.mark.parametrize("network", NETWORKS)
def test_a_face_of_24_pixels_or_more_lies_nearly_whole_and_large_enough_in_some_window(network, data, size):
    width, height = size
    side = data.draw(st.floats(tiles.SMALLEST, min(size)))
    x, y = data.draw(st.floats(0, width - side)), data.draw(st.floats(0, height - side))
    corners, searched = np.array([(x, y), (x + side, y + side)]), picture(width, height)

    def shows(tile, network):
        large = side * scale_of(tile)
        beyond = max(-apply(tile, corners).min(), apply(tile, corners).max() - network.size)
        return beyond <= 0.2 * large and large * network.reach >= 0.99 * network.size

    is_found_whole = shows(tiles.whole(searched, border=0.0), SHORT_RANGE)
    assert is_found_whole or any(shows(tile, network) for tile in tiles.pyramid_tiles(searched, network))


@pytest.mark.parametrize("network", NETWORKS)
def test_the_number_of_tiles_grows_with_the_area_and_no_faster(network):
    counts = [len(list(tiles.pyramid_tiles(picture(side, side), network))) for side in (500, 1000, 2000, 4000)]
    assert counts[0] < 100
    assert all(later < 5 * earlier for earlier, later in pairwise(counts))


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("size", [(4000, 3000), (7000, 7000), (65_535, 760), (12, 65_535)])
def test_no_picture_takes_more_looks_than_a_phones_photo(size, network):
    """They would grow to thirteen thousand, half a minute's work, with the fifty megapixels that a picture may have."""
    pixels = np.broadcast_to(np.zeros((1, 1, 3), np.uint8), (size[1], size[0], 3))
    assert len(list(tiles.pyramid_tiles(Pyramid(pixels), network))) < (3_600 if network is SHORT_RANGE else 400)


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (640, 480), (8000, 6000)])
def test_a_stream_has_windows_to_go_through_whatever_its_size(size):
    assert 1 <= len(tiles.stream_windows(picture(*size))) < 240
