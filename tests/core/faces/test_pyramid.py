from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.faces.geometry import window
from core.faces.pyramid import Pyramid


def test_a_cut_at_full_size_is_the_picture_itself():
    picture = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    np.testing.assert_array_equal(Pyramid(picture).cut(window((20, 20), 40, 40), 40), picture)


def test_beyond_the_edge_lies_the_mirror_image():
    picture = np.random.default_rng(0).integers(0, 256, (20, 20, 3), np.uint8)
    cut = Pyramid(picture).cut(window((0, 10), 20, 20), 20)
    np.testing.assert_array_equal(cut[:, 10:], picture[:, :10])
    np.testing.assert_array_equal(cut[:, :10], picture[:, 9::-1])


def test_threads_that_ask_at_once_make_each_copy_once():
    """Otherwise a patch is now and then cut from a copy that is too large, and one photo gets two readings."""
    picture = np.zeros((3000, 3000, 3), np.uint8)
    for _ in range(5):
        pyramid = Pyramid(picture)
        with ThreadPoolExecutor(8) as threads:
            for cut in [threads.submit(pyramid.cut, window((1500, 1500), 3000, 47), 47) for _ in range(8)]:
                assert cut.result().shape == (47, 47, 3)
        assert [len(level) for level in pyramid._levels] == [3000, 1500, 750, 375, 188, 94]


@pytest.mark.parametrize("factor", [2, 5, 16, 40])
def test_a_small_patch_of_fine_stripes_is_grey_not_aliased(factor):
    picture = np.zeros((640, 640, 3), np.uint8)
    picture[:, ::2] = 255
    patch = Pyramid(picture).cut(window((320, 320), 640, 640 // factor), 640 // factor)
    assert abs(int(patch.min()) - 127) < 12
    assert abs(int(patch.max()) - 127) < 12


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (7, 1000)])
def test_slivers_can_be_cut(shape):
    patch = Pyramid(np.full((*shape, 3), 9, np.uint8)).cut(window((0.5, 0.5), 900, 30), 30)
    assert patch.shape == (30, 30, 3)
    assert (patch == 9).all()


def test_odd_sizes_keep_things_in_place():
    picture = np.zeros((401, 403, 3), np.uint8)
    picture[300:320, 100:120] = 255
    patch = Pyramid(picture).cut(window((201.5, 200.5), 403, 50), 50)
    rows, columns = np.nonzero(patch[:, :, 0] > 60)
    assert abs(rows.mean() - 310 * 50 / 403) < 1
    assert abs(columns.mean() - 110 * 50 / 403) < 1
