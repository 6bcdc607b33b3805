import numpy as np
import pytest

from training.fit.pack_codecs import CODECS, decode_column, encode_column

RNG = np.random.default_rng(0)
ARRAYS = {
    "pictures": RNG.integers(0, 256, (20, 8, 8, 1)).astype(np.uint8),
    "pictures in float": RNG.integers(0, 256, (20, 8, 8, 1)).astype(np.float32),
    "meshes": RNG.normal(size=(20, 6, 3)).astype(np.float32),
    "flags": RNG.integers(0, 2, (20, 1)).astype(np.float32),
    "all the same": np.full((20, 5), 3.25, np.float32),
    "colours": RNG.integers(0, 256, (20, 8, 8, 3)).astype(np.uint8),
}


@pytest.mark.parametrize(
    ("kind", "codec", "off"),
    [
        ("pictures", "pictures", 2),
        ("pictures in float", "pictures", 2),
        ("meshes", "components", ARRAYS["meshes"].std() / 200),
        ("flags", "exact", 0),
        ("all the same", "exact", 0),
        ("colours", "exact", 0),
    ],
)
def test_each_array_has_a_codec_that_suits_it(kind, codec, off):
    name, encoded = encode_column(ARRAYS[kind], lossless=False)
    assert name == codec
    found = decode_column(name, encoded)
    assert found.shape == ARRAYS[kind].shape
    assert np.abs(found.astype(float) - ARRAYS[kind]).max() <= off


@pytest.mark.parametrize("kind", ARRAYS)
def test_lossless_is_lossless(kind):
    name, encoded = encode_column(ARRAYS[kind], lossless=True)
    assert CODECS[name].is_lossless
    np.testing.assert_array_equal(decode_column(name, encoded), ARRAYS[kind])


def test_pictures_are_smaller_than_they_were_even_without_loss():
    smooth = np.tile(np.arange(8, dtype=np.uint8)[:, None], (500, 1, 8))[..., None]
    name, encoded = encode_column(smooth, lossless=True)
    assert name == "exact-pictures"
    assert encoded["stream"].nbytes < smooth.nbytes / 2
