import numpy as np
import pytest

from training.errors import TrainingError
from training.runs.folder import load_weights, save_weights


class Weight:
    """As much of a Keras variable as is used."""

    def __init__(self, name, values):
        self.name, self.values = name, np.asarray(values, np.float32)

    @property
    def shape(self):
        return self.values.shape

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype)

    def assign(self, values):
        assert values.dtype == np.float32
        self.values = values


class Network:
    def __init__(self, seed=0, width=5):
        rng = np.random.default_rng(seed)
        self.weights = [
            Weight("kernel", rng.normal(size=(3, width))),
            Weight("variance", [1e-9, 3.0, 1e9]),
            Weight("kernel", rng.normal(size=(width, 2)) * 1e6),
        ]


def test_weights_come_back_at_half_the_precision(tmp_path):
    save_weights(Network(0), tmp_path / "w.npz")
    network = Network(1)
    load_weights(network, tmp_path / "w.npz")
    for there, here in zip(Network(0).weights, network.weights, strict=True):
        np.testing.assert_allclose(here.values, there.values, rtol=1e-3, atol=1e-12)
    with np.load(tmp_path / "w.npz") as stored:
        assert [stored[name].dtype for name in stored.files] == [np.float16, np.float32, np.float32]


def test_another_model_is_named_by_the_first_weight_that_differs(tmp_path):
    save_weights(Network(0), tmp_path / "w.npz")
    network = Network(1, width=6)
    before = [weight.values for weight in network.weights]
    with pytest.raises(TrainingError, match=r"'000.kernel' is \(3, 5\) there and \(3, 6\) here"):
        load_weights(network, tmp_path / "w.npz")
    assert all(weight.values is values for weight, values in zip(network.weights, before, strict=True))
    network.weights = Network(1).weights[:2]
    with pytest.raises(TrainingError, match=r"'002.kernel' is \(5, 2\) there and missing here"):
        load_weights(network, tmp_path / "w.npz")


def test_what_is_no_file_of_weights_is_refused(tmp_path):
    path = tmp_path / "w.npz"
    with pytest.raises(TrainingError, match="no such file"):
        load_weights(Network(), path)
    save_weights(Network(), path)
    whole = path.read_bytes()
    for content in (b"", b"text", whole[:-100], whole[:90] + b"!" * 20 + whole[110:]):
        path.write_bytes(content)
        with pytest.raises(TrainingError, match="not readable as weights"):
            load_weights(Network(), path)
    np.savez(path, **{"000.kernel": np.array([{}], object)})
    with pytest.raises(TrainingError, match="not readable as weights"):
        load_weights(Network(), path)


def test_a_trunk_takes_the_first_weights_of_a_file_and_no_others(tmp_path):
    save_weights(Network(0), tmp_path / "w.npz")
    trunk = Network(1)
    trunk.weights = trunk.weights[:2]
    load_weights(trunk, tmp_path / "w.npz", trunk=True)
    np.testing.assert_allclose(trunk.weights[0].values, Network(0).weights[0].values, rtol=1e-3)
    with pytest.raises(TrainingError, match=r"'000.kernel' is \(3, 5\) there and \(3, 6\) here"):
        load_weights(Network(1, width=6), tmp_path / "w.npz", trunk=True)


def test_a_trunk_with_fewer_outputs_takes_the_first_of_them(tmp_path):
    save_weights(Network(0), tmp_path / "w.npz")
    trunk = Network(1, width=4)
    trunk.weights = trunk.weights[:2]
    load_weights(trunk, tmp_path / "w.npz", trunk=True)
    np.testing.assert_allclose(trunk.weights[0].values, Network(0).weights[0].values[:, :4], rtol=1e-3)
    with pytest.raises(TrainingError, match="of another model"):
        load_weights(Network(1, width=4), tmp_path / "w.npz")
