import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.layout import FUSION_LAYOUT, Layout

shapes = st.dictionaries(
    st.text("abcdef", min_size=1), st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple), min_size=1
)


@given(shapes, st.integers(1, 3))
def test_what_is_joined_comes_apart_again(shapes, n):
    layout, rng = Layout(shapes), np.random.default_rng(0)
    faces = [{name: rng.random(shape, np.float32) for name, shape in shapes.items()} for _ in range(n)]
    vectors = np.array([layout.join(**face) for face in faces])
    assert vectors.shape == (n, layout.size)
    assert vectors.dtype == np.float32
    for name, values in layout.split(vectors).items():
        np.testing.assert_array_equal(values, [face[name] for face in faces])
        np.testing.assert_array_equal(vectors[:, layout.slices[name]], values.reshape(n, -1))


def test_what_is_not_given_is_zeros():
    layout = Layout({"one": (2,), "two": (3,)})
    np.testing.assert_array_equal(layout.join(two=[1, 2, 3]), [0, 0, 1, 2, 3])


def test_the_fusion_vector_ends_with_its_flag():
    assert FUSION_LAYOUT.size == 48 * 48 + 468 * 3 + 52 + 1
    assert FUSION_LAYOUT.slices["found"] == slice(FUSION_LAYOUT.size - 1, FUSION_LAYOUT.size)
