import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from core.layout import Layout
from training.commands.features import pack
from training.datasets import Dataset, dataset_hash
from training.errors import TrainingError
from training.fit.examples import Examples
from training.fit.pack import read_pack, write_pack
from training.fit.plan import Material

RNG = np.random.default_rng(0)
FEATURES = {
    "pictures": RNG.integers(0, 256, (13, 8, 8, 1)).astype(np.uint8),
    "meshes": RNG.normal(size=(13, 6, 3)).astype(np.float32),
    "flags": RNG.integers(0, 2, (13, 1)).astype(np.float32),
    "all the same": np.full((13, 5), 3.25, np.float32),
    "one far from all others": np.float32([[1e9 * (row == 0) + row] * 100 for row in range(12_000)]),
    "colours": RNG.integers(0, 256, (13, 8, 8, 3)).astype(np.uint8),
}


def material(features, training):
    """A dataset whose first rows are for training."""
    rng = np.random.default_rng(0)
    votes = rng.integers(0, 11, (len(features), 10)).astype(np.uint8)
    whole = Examples(features, rng.integers(0, 7, len(features)), votes)
    feature = {"name": "pixels", "version": 1}
    return Material(Path("d.parquet"), "0" * 32, feature, whole[:training], whole[training:], {"one": "ab"})


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize(
    ("kind", "off"),
    [
        ("pictures", 2),
        ("meshes", 0.05),
        ("flags", 0),
        ("all the same", 0),
        ("one far from all others", 0),
        ("colours", 0),
    ],
)
def test_a_pack_holds_what_went_into_it(tmp_path, kind, off, lossless):
    given = material(FEATURES[kind], 9)
    given.choice.features[2] = given.training.features[5]
    loss = write_pack(tmp_path / "a.npz", given, lossless)["features"]
    assert loss["mean_off"] <= loss["most_off"] <= (0 if lossless else off)
    found = read_pack(tmp_path / "a.npz")
    assert (found.identity(), found.feature) == (given.identity(), given.feature)
    for one, other in ((given.training, found.training), (given.choice, found.choice)):
        assert other.features.dtype == one.features.dtype
        assert np.abs(other.features.astype(float) - one.features).max() <= loss["most_off"]
        np.testing.assert_array_equal(other.labels, one.labels)
        np.testing.assert_array_equal(other.votes, one.votes)


def test_soft_labels_come_back(tmp_path):
    given = material(FEATURES["pictures"], 9)
    training = given.training
    soft_labels = np.array([[0.25, 0.75] + [0] * 5] * 8 + [[np.nan] * 7], np.float32)
    given = Material(
        given.dataset,
        given.hash,
        given.feature,
        Examples(training.features, training.labels, training.votes, soft_labels),
        given.choice,
    )
    write_pack(tmp_path / "a.npz", given)
    found = read_pack(tmp_path / "a.npz")
    np.testing.assert_array_equal(found.training.soft_labels, soft_labels)
    assert found.choice.soft_labels is None


def test_arrays_end_to_end_are_encoded_each_by_itself(tmp_path):
    layout = Layout({"picture": (6, 6, 1), "points": (5, 3), "found": (1,)})
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (38, 6, 6, 1))
    vectors = np.array([layout.join(picture=each, points=rng.normal(size=(5, 3)), found=1) for each in pictures])
    vectors[0, layout.slices["points"]] = vectors[0, layout.slices["found"]] = 0
    given = material(vectors, 30)
    loss = write_pack(tmp_path / "a.npz", given, layout=layout)
    assert loss["picture"]["most_off"] <= 2
    assert 0 < loss["points"]["mean_off"] < loss["points"]["most_off"] < 0.05
    assert loss["found"]["most_off"] == 0
    found = read_pack(tmp_path / "a.npz")
    for one, other in ((given.training, found.training), (given.choice, found.choice)):
        assert other.features.dtype == np.float32
        before, after = layout.split(one.features), layout.split(other.features)
        for name, values in after.items():
            assert np.abs(values - before[name]).max() <= loss[name]["most_off"] + 1e-6
    assert not layout.split(found.training.features)["points"][0].any(), "a face without a mesh stays one"


def test_vectors_near_a_plane_and_repeated_faces_take_little_room(tmp_path):
    rng = np.random.default_rng(0)
    near = (rng.normal(size=(2000, 5)) @ rng.normal(size=(5, 300)) + rng.normal(0, 1e-4, (2000, 300))).astype("f4")
    write_pack(tmp_path / "plane.npz", material(near, 1900))
    assert (tmp_path / "plane.npz").stat().st_size < near.nbytes / 20
    faces = rng.integers(0, 256, (20, 48, 48, 1)).astype(np.uint8)
    write_pack(tmp_path / "once.npz", material(faces, 15))
    write_pack(tmp_path / "twice.npz", material(faces[[*range(20)] * 2], 35))
    assert (tmp_path / "twice.npz").stat().st_size < 1.1 * (tmp_path / "once.npz").stat().st_size


def test_what_is_no_pack_or_damaged_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    with pytest.raises(TrainingError, match="no such file"):
        read_pack(path)
    write_pack(path, material(FEATURES["pictures"], 9))
    whole = path.read_bytes()
    of_the_future = bytearray(whole)
    of_the_future[whole.rindex(b"PK\x01\x02") + 6] = 252  # the version of zip that it takes to read it
    header = io.BytesIO()
    with zipfile.ZipFile(header, "w") as archive:
        archive.writestr("labels.npy", b"\x93NUMPY\x01\x00\x10\x00{'descr': '<i8'\n(")
    objects = io.BytesIO()
    np.savez(objects, labels=np.array([{}], object))
    damaged = [b"", b"text", whole[:-200], whole[: len(whole) // 2], whole[:400] + b"!" * 100 + whole[500:]]
    for content in (*damaged, bytes(of_the_future), header.getvalue(), objects.getvalue()):
        path.write_bytes(content)
        with pytest.raises(TrainingError, match="not readable as a pack"):
            read_pack(path)


@pytest.mark.parametrize("lost", ["about", "row", "votes", "features.basis", "features.step", "features.shape"])
def test_a_pack_that_lacks_an_array_is_refused(tmp_path, lost):
    write_pack(tmp_path / "a.npz", material(FEATURES["meshes"], 9))
    with np.load(tmp_path / "a.npz") as stored:
        arrays = {name: stored[name] for name in stored.files if name != lost}
    np.savez(tmp_path / "b.npz", **arrays)
    with pytest.raises(TrainingError, match="not readable as a pack"):
        read_pack(tmp_path / "b.npz")


@pytest.fixture
def run():
    app = typer.Typer()
    app.command()(pack)
    return lambda *arguments: CliRunner().invoke(app, list(map(str, arguments)))


def test_the_command_packs_training_and_public_test_without_its_copies(tmp_path, dataset, run):
    outcome = run("--data", dataset, "--out", tmp_path / "packs", "--lossless")
    assert outcome.exit_code == 0, outcome.output
    found = read_pack(tmp_path / "packs" / f"{dataset.stem}.pack.npz")
    assert found.identity() == {"name": dataset.name, "hash": dataset_hash(dataset)}
    rows = Dataset.load(dataset, ("training",))
    np.testing.assert_array_equal(found.training.features[..., 0], rows.images[..., 0])
    np.testing.assert_array_equal(found.training.labels, rows.labels)
    public = Dataset.load(dataset, ("public-test",))
    assert len(found.choice) == (~public.is_copy(dataset)).sum()


@pytest.mark.parametrize(
    ("option", "value", "words"), [("--splits", "private-test", "training,public"), ("--feature", "smell", "pixels")]
)
def test_what_cannot_be_packed_is_said(tmp_path, dataset, run, option, value, words):
    outcome = run("--data", dataset, "--out", tmp_path, option, value)
    assert isinstance(outcome.exception, TrainingError)
    assert words in str(outcome.exception)
