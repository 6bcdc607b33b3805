"""Files in PyTorch's old form, made here without PyTorch; anything in them besides tensors is refused."""

import hashlib
import io
import os
import pickle
import sys
from collections import OrderedDict
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest

from core.recipes import get_recipe
from core.recipes.recipe import Backbone
from core.runtime.assets import Asset, Source
from training.errors import TrainingError
from training.fit.state_dict import read_state_dict
from training.fit.transfer import fill, pretrained_facts, weights_file

CROPS = np.zeros((2, 48, 48, 1), np.uint8)
ARRAYS = {
    "conv.weight": np.arange(24, dtype="<f4").reshape(2, 3, 2, 2),
    "norm.bias": np.array([0.5, -1], "<f2"),
    "norm.batches": np.array(7, "<i8"),
}
STORAGES = {"<f4": "FloatStorage", "<f2": "HalfStorage", "<i8": "LongStorage"}
HEAD = (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True})


class Tensor:
    """A tensor, pickled as PyTorch does it: as a call of its function on a storage."""

    def __init__(self, array, key, **changes):
        strides = [step // array.itemsize for step in array.strides]
        self.array, self.key = array, key
        self.told = {"offset": 0, "shape": array.shape, "strides": tuple(strides)} | changes

    def __reduce__(self):
        torch = sys.modules["torch"]
        storage = Storage(getattr(torch, STORAGES[self.array.dtype.str]), self.key, self.array.size)
        return sys.modules["torch._utils"]._rebuild_tensor_v2, (storage, *self.told.values(), False, OrderedDict())


class Storage(tuple):
    def __new__(cls, *told):
        return super().__new__(cls, told)


class Pickler(pickle.Pickler):
    def persistent_id(self, thing):
        return ("storage", *thing[:2], "cpu", thing[2], None) if isinstance(thing, Storage) else None


@pytest.fixture(autouse=True)
def torch(monkeypatch):
    """Modules with the names of PyTorch's, because `pickle` looks up what it writes."""
    modules = {name: ModuleType(name) for name in ("torch", "torch._utils")}
    for name in (*STORAGES.values(), "BoolStorage"):
        setattr(modules["torch"], name, type(name, (), {"__module__": "torch"}))

    def _rebuild_tensor_v2():
        pass

    _rebuild_tensor_v2.__module__ = "torch._utils"
    _rebuild_tensor_v2.__qualname__ = "_rebuild_tensor_v2"
    modules["torch._utils"]._rebuild_tensor_v2 = _rebuild_tensor_v2
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    return modules["torch"]


@pytest.fixture
def write(tmp_path):
    def written(state, arrays=(), head=HEAD, cut=0):
        file = io.BytesIO()
        for part in (*head, state, [str(key) for key in range(len(arrays))]):
            Pickler(file, protocol=2).dump(part)
        for array in arrays:
            file.write(np.int64(array.size).tobytes() + array.tobytes())
        path = tmp_path / "weights.pth"
        path.write_bytes(file.getvalue()[: len(file.getvalue()) - cut])
        return path

    return written


def state_of(arrays):
    return OrderedDict((name, Tensor(array, str(key))) for key, (name, array) in enumerate(arrays.items()))


def refusal(path):
    with pytest.raises(TrainingError) as caught:
        read_state_dict(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    return message


def test_tensors_come_back_in_their_types(write):
    read = read_state_dict(write(state_of(ARRAYS), ARRAYS.values()))
    assert list(read) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert read[name].dtype == array.dtype
        np.testing.assert_array_equal(read[name], array)


def test_a_tensor_may_lie_turned_in_a_part_of_a_storage(write):
    whole = np.arange(20, dtype="<f4")
    read = read_state_dict(write({"a": Tensor(whole, "0", offset=2, shape=(3, 4), strides=(1, 4))}, [whole]))
    np.testing.assert_array_equal(read["a"], whole[2:18].reshape(4, 4)[:, :3].T)


@pytest.mark.parametrize(
    "told",
    [
        {"offset": 1},
        {"offset": -1},
        {"shape": (3, 4), "strides": (4, 2)},
        {"shape": (2, 5), "strides": (-1, 1)},
        {"shape": (10**12,), "strides": (0,)},
        {"shape": (0,), "strides": (1,)},
    ],
)
def test_a_tensor_does_not_reach_beyond_its_numbers(write, told):
    assert "larger than its numbers" in refusal(
        write({"a": Tensor(np.zeros(10, "<f4"), "0", **told)}, [np.zeros(10, "<f4")])
    )


class Call:
    def __init__(self, function, *arguments):
        self.told = function, arguments

    def __reduce__(self):
        return self.told


@pytest.mark.parametrize("place", ["state", "machine", "magic"])
def test_what_would_run_is_refused_and_does_not(write, tmp_path, place):
    hostile = Call(os.mkdir, str(tmp_path / "made"))
    head = {"state": HEAD, "machine": (*HEAD[:2], hostile), "magic": (hostile, *HEAD[1:])}[place]
    message = refusal(write({"a": hostile}, head=head))
    assert f"more than tensors ({os.mkdir.__module__}.mkdir)" in message
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    "make",
    [
        lambda torch: {"a": Call(eval, "1")},
        lambda torch: {"a": 1.0},
        lambda torch: {"a": {"b": Tensor(np.zeros(1, "<f4"), "0")}},
        lambda torch: {3: Tensor(np.zeros(1, "<f4"), "0")},
        lambda torch: {"a": torch.BoolStorage},
    ],
)
def test_anything_but_named_tensors_is_refused(write, torch, make):
    assert "refused, because it holds more than tensors" in refusal(write(make(torch), [np.zeros(1, "<f4")]))


@pytest.mark.parametrize("head", [(1, *HEAD[1:]), (HEAD[0], 1002, HEAD[2]), (*HEAD[:2], {"little_endian": False})])
def test_another_form_is_named(write, head):
    assert "not weights of PyTorch as a little-endian machine saves them" in refusal(write({}, head=head))


def test_the_newer_form_is_named(tmp_path):
    path = tmp_path / "weights.pth"
    path.write_bytes(b"PK\3\4 and so on")
    assert "PyTorch 1.6 or newer" in refusal(path)


def test_a_place_that_takes_all_memory_is_refused(tmp_path):
    path = tmp_path / "weights.pth"
    path.write_bytes(b"\x80\x02K\x01r\xff\xff\xff\x7f.")
    assert "too large for weights" in refusal(path)


@pytest.mark.parametrize("cut", [1, 9, 30, 200, 10**9])
def test_a_file_that_broke_off_is_one_sentence(write, cut):
    assert "not readable as weights of PyTorch" in refusal(write(state_of(ARRAYS), ARRAYS.values(), cut=cut))


def test_a_storage_cannot_be_longer_than_the_file(write):
    path = write(state_of(ARRAYS), ARRAYS.values())
    content = path.read_bytes()
    size = np.int64(24).tobytes()
    assert content.count(size) == 1
    for count in (1 << 40, -1):
        path.write_bytes(content.replace(size, np.int64(count).tobytes()))
        refusal(path)


def test_no_such_file(tmp_path):
    assert "cannot be read (No such file" in refusal(tmp_path / "none.pth")


@pytest.fixture
def published(write, monkeypatch):
    """A recipe whose backbone, a dictionary, begins with a state dict that lies in `MIEN_ASSETS`; and that file."""
    path = write(state_of(ARRAYS), ARRAYS.values())
    monkeypatch.setenv("MIEN_ASSETS", str(path.parent))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    source = Source("https://example.invalid/weights.pth", path.name, path.stat().st_size, sha256)
    backbone = Backbone(
        find=lambda model: model,
        published=Asset("tiny trunk", "testing", (source,)),
        licence="Apache-2.0",
        fill=lambda part, state, examples: part.update(
            kernel=state["conv.weight"].reshape(24), bias=state["norm.bias"]
        ),
    )
    return replace(get_recipe("transfer-efficientnet"), backbone=backbone), path


def test_a_backbone_is_filled_with_the_published_state_dict(published):
    recipe, path = published
    part = {}
    assert weights_file(recipe, recipe.settings()) == path
    fill(part, recipe, path, CROPS)
    np.testing.assert_array_equal(part["kernel"], np.arange(24))


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"conv.weight": ARRAYS["conv.weight"]}, "it has no 'norm.bias'"),
        ({"conv.weight": np.zeros(2, "<f4")}, "reshape"),
    ],
)
def test_the_state_dict_of_another_network_is_refused_and_the_right_file_named(published, write, arrays, reason):
    recipe, _ = published
    path = write(state_of(arrays), arrays.values())
    with pytest.raises(TrainingError, match="not readable as weights of this model") as caught:
        fill({}, recipe, path, CROPS)
    assert reason in str(caught.value)
    assert f"takes the file {path.name}" in str(caught.value)


def test_another_file_in_place_of_the_published_one_is_refused_and_ways_out_are_named(published):
    recipe, path = published
    path.write_bytes(b"another")
    with pytest.raises(TrainingError, match=r"is not the tiny trunk .* --weights FILE, .* --weights none"):
        weights_file(recipe, recipe.settings())


def test_a_card_names_origin_and_licence_of_the_published_file_alone(published):
    recipe, path = published
    told = {"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    known = {"origin": "https://example.invalid/weights.pth", "licence": "Apache-2.0"}
    assert pretrained_facts(recipe, told) == {"pretrained": told | known}
    another = told | {"sha256": "0" * 64}
    assert pretrained_facts(recipe, another) == {"pretrained": another}
    assert pretrained_facts(recipe, None) == {}
    vgg = {"name": get_recipe("transfer-vgg16").backbone.filename, "sha256": "0" * 64}
    assert pretrained_facts(get_recipe("transfer-vgg16"), vgg)["pretrained"].keys() == {"name", "sha256", "origin"}
