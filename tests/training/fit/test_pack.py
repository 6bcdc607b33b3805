import io
import zipfile

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

ABOUT = {"feature": {"name": "pixels", "version": 1}, "dataset": {"name": "d.parquet", "hash": "0" * 32}}


def examples(n, rng, dtype=np.uint8):
    features = rng.integers(0, 256, (n, 48, 48, 1)) if dtype == np.uint8 else rng.normal(size=(n, 5))
    return Examples(features.astype(dtype), rng.integers(0, 7, n), rng.integers(0, 11, (n, 10)).astype(np.uint8))


@pytest.mark.parametrize(
    ("dtype", "lossless", "off"),
    [(np.uint8, False, 2), (np.uint8, True, 0), (np.float32, False, 0.02), (np.float32, True, 0)],
)
def test_a_pack_holds_what_went_into_it(tmp_path, dtype, lossless, off):
    rng = np.random.default_rng(0)
    given = examples(9, rng, dtype), examples(4, rng, dtype)
    given[1].features[2] = given[0].features[5]
    write_pack(tmp_path / "a.npz", *given, ABOUT, lossless)
    *found, about = read_pack(tmp_path / "a.npz")
    assert about | ABOUT == about
    for one, other in zip(given, found, strict=True):
        assert other.features.dtype == dtype
        assert np.abs(other.features.astype(float) - one.features).max() <= off
        np.testing.assert_array_equal(other.labels, one.labels)
        np.testing.assert_array_equal(other.votes, one.votes)


def test_arrays_end_to_end_are_kept_each_in_its_own_way(tmp_path):
    layout = Layout({"picture": (6, 6, 1), "points": (5, 3), "found": (1,)})
    rng = np.random.default_rng(0)

    def faces(n):
        pictures = rng.integers(0, 256, (n, 6, 6, 1))
        faces = (layout.join(picture=picture, points=rng.normal(size=(5, 3)), found=1) for picture in pictures)
        vectors = np.array(list(faces))
        vectors[0, layout.slices["points"]] = vectors[0, layout.slices["found"]] = 0
        return Examples(vectors, rng.integers(0, 7, n), np.zeros((n, 10), np.uint8))

    given = faces(30), faces(8)
    told = write_pack(tmp_path / "a.npz", *given, ABOUT, layout=layout)["arrays"]
    assert [told[name]["codec"] for name in ("picture", "points", "found")] == ["pictures", "components", "exact"]
    assert told["picture"]["most_off"] <= 2
    assert 0 < told["points"]["mean_off"] < told["points"]["most_off"] < 0.01
    for one, other in zip(given, read_pack(tmp_path / "a.npz")[:2], strict=True):
        assert other.features.dtype == np.float32
        before, after = layout.split(one.features), layout.split(other.features)
        np.testing.assert_array_equal(after["found"], before["found"])
        assert not after["points"][0].any()
        for name, values in after.items():
            assert np.abs(values - before[name]).max() <= told[name]["most_off"] + 1e-6


def test_a_picture_is_kept_once(tmp_path):
    rng = np.random.default_rng(0)
    once = examples(20, rng)
    write_pack(tmp_path / "once.npz", once, once[:2], ABOUT)
    write_pack(tmp_path / "twice.npz", once[[*range(20)] * 2], once[:2], ABOUT)
    assert (tmp_path / "twice.npz").stat().st_size < 1.1 * (tmp_path / "once.npz").stat().st_size


def test_what_is_no_pack_or_damaged_is_refused(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "a.npz"
    with pytest.raises(TrainingError, match="no such file"):
        read_pack(path)
    write_pack(path, examples(9, rng), examples(4, rng), ABOUT)
    whole = path.read_bytes()
    for content in (b"", b"text", whole[:-200], whole[: len(whole) // 2], whole[:5000] + b"!" * 100 + whole[5100:]):
        path.write_bytes(content)
        with pytest.raises(TrainingError, match="not readable as a pack"):
            read_pack(path)
    of_the_future = bytearray(whole)
    of_the_future[whole.rindex(b"PK\x01\x02") + 6] = 252  # the version of zip that it takes to read it
    path.write_bytes(of_the_future)
    with pytest.raises(TrainingError, match="not readable as a pack"):
        read_pack(path)
    arrays = io.BytesIO()
    with zipfile.ZipFile(arrays, "w") as archive:
        archive.writestr("labels.npy", b"\x93NUMPY\x01\x00\x10\x00{'descr': '<i8'\n(")
    path.write_bytes(arrays.getvalue())
    with pytest.raises(TrainingError, match="not readable as a pack"):
        read_pack(path)
    np.savez(path, labels=np.array([{}], object))
    with pytest.raises(TrainingError, match="not readable as a pack"):
        read_pack(path)


@pytest.fixture
def run():
    app = typer.Typer()
    app.command()(pack)
    return lambda *arguments: CliRunner().invoke(app, list(map(str, arguments)))


def test_the_command_packs_training_and_public_test_without_its_copies(tmp_path, dataset, run):
    outcome = run("--data", dataset, "--out", tmp_path / "packs", "--lossless")
    assert outcome.exit_code == 0, outcome.output
    training, validation, about = read_pack(tmp_path / "packs" / f"{dataset.stem}.pack.npz")
    assert about["dataset"] == {"name": dataset.name, "hash": dataset_hash(dataset)}
    rows = Dataset.load(dataset, ("training",))
    np.testing.assert_array_equal(training.features[..., 0], rows.images[..., 0])
    np.testing.assert_array_equal(training.labels, rows.labels)
    public = Dataset.load(dataset, ("public-test",))
    assert len(validation) == (~public.is_copy(dataset)).sum()


@pytest.mark.parametrize(
    ("option", "value", "words"), [("--splits", "private-test", "training,public"), ("--feature", "smell", "pixels")]
)
def test_what_cannot_be_packed_is_said(tmp_path, dataset, run, option, value, words):
    outcome = run("--data", dataset, "--out", tmp_path, option, value)
    assert isinstance(outcome.exception, TrainingError)
    assert words in str(outcome.exception)
