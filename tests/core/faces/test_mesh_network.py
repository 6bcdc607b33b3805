import numpy as np
import pytest

from core.errors import AssetError
from core.faces.mesh_network import large_network, movement_network, small_network


def test_each_network_says_what_it_takes_and_gives(mesh):
    network = small_network()
    points, presence = network(np.zeros((network.size, network.size, 3), np.uint8))
    assert network.size == 192
    assert points.shape == (468, 3)
    assert 0 <= presence < 0.5


def test_the_larger_network_places_the_irises_too(movements):
    network = large_network()
    points, presence = network(np.zeros((network.size, network.size, 3), np.float32))
    assert network.size == 256
    assert points.shape == (478, 3)
    assert 0 <= presence < 0.5


def test_movements_depend_on_neither_place_nor_size_nor_depth(movements):
    points = np.random.default_rng(0).random((478, 3)).astype(np.float32)
    network = movement_network()
    given = network(points)
    assert given.shape == (52,)
    np.testing.assert_allclose(network(points * 300 + (40, -20, 7)), given, atol=1e-3)


@pytest.mark.parametrize("network", [small_network, large_network, movement_network])
def test_without_its_file_it_says_what_is_missing(network):
    with pytest.raises(AssetError, match="face mesh"):
        network()
