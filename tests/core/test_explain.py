from types import SimpleNamespace

import numpy as np
import pytest

from core.cards import Output
from core.errors import ModelError
from core.explain import SHARE, explain, is_explained_by_pixels, marked, most_moved, neutral_faces, probability
from core.faces.mesh_topology import MOVEMENT_NAMES
from core.features import FEATURES
from core.features.feature import Feature, combined
from core.features.pixels import PIXELS
from core.labels import FER7

SPOT, AGAINST = (slice(30, 36), slice(9, 15)), (slice(6, 12), slice(33, 39))


class Looker:
    """Says "happy" by the light of one spot, and less so by that of another."""

    def __init__(self, feature=PIXELS):
        self.feature = feature
        self.card = SimpleNamespace(name="looker", outputs={"fer7": Output(FER7.labels, "made up")})

    def predict(self, features):
        pixels = features.reshape(len(features), -1)[:, : 48 * 48].reshape(-1, 48, 48).astype(np.float32)
        logits = np.zeros((len(pixels), 7), np.float32)
        light = pixels[:, *SPOT].mean(axis=(1, 2)) - pixels[:, *AGAINST].mean(axis=(1, 2)) / 2
        logits[:, FER7.index("happy")] = light / 50
        return {"fer7": logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))}


@pytest.fixture
def crop():
    crop = np.full((48, 48, 3), 40, np.uint8)
    crop[SPOT], crop[AGAINST] = 240, 240
    return crop


def test_the_map_is_highest_where_the_answer_comes_from(crop):
    saliency = explain(Looker(), crop, "happy")
    assert (saliency.shape, saliency.dtype) == ((48, 48), np.float32)
    assert (saliency.min(), saliency.max()) == (0, 1)
    assert saliency[SPOT].min() > 0.8
    assert saliency[AGAINST].max() == 0
    assert marked(saliency)[SPOT].all()
    assert not marked(saliency)[AGAINST].any()


def test_another_label_set_is_explained_by_its_own_answer(crop):
    looker = Looker()
    looker.card.outputs["mood"] = Output(("good", "bad"), "made up")
    answers, light = looker.predict, (slice(36, 42), slice(33, 39))

    def predict(features):
        pixels = features.reshape(-1, 48, 48)[:, *light].mean(axis=(1, 2)).astype(np.float32) / 255
        return answers(features) | {"mood": np.log(np.stack([pixels, 1 - pixels], 1))}

    looker.predict = predict
    crop[light] = 200
    assert marked(explain(looker, crop, "good", "mood"))[light].all()
    assert not marked(explain(looker, crop, "happy"))[light].any()
    assert probability(looker, crop, "good", label_set="mood") == pytest.approx(200 / 255, abs=1e-3)


def test_it_is_the_same_every_time(crop):
    np.testing.assert_array_equal(explain(Looker(), crop, "happy"), explain(Looker(), crop, "happy"))


def test_where_nothing_can_be_hidden_nothing_is_marked_up():
    assert not explain(Looker(), np.full((48, 48, 3), 90, np.uint8), "happy").any()


def test_without_its_spot_the_answer_is_less_likely(crop):
    region = np.zeros((48, 48), bool)
    region[SPOT] = True
    whole = probability(Looker(), crop, "happy")
    assert probability(Looker(), crop, "happy", without=region) < whole / 2
    assert probability(Looker(), crop, "happy", without=np.zeros((48, 48), bool)) == pytest.approx(whole)


def test_as_many_pixels_are_marked_however_even_the_map_is():
    assert marked(np.zeros((48, 48), np.float32)).sum() == round(SHARE * 48 * 48)


def test_a_mesh_beside_the_pixels_is_that_of_the_whole_face(crop):
    given = []
    mesh = Feature("points", 1, lambda seen: given.append(seen) or np.zeros(3, np.float32), (3,), "float32", "mesh")
    both = combined("both", 1, [PIXELS, mesh], lambda *parts: np.concatenate([p.ravel() for p in parts]), (2307,), "f4")
    saliency = explain(Looker(both), crop, "happy")
    assert saliency[SPOT].min() > 0.8
    assert given
    assert all(np.array_equal(seen, crop) for seen in given)


@pytest.mark.parametrize(
    ("name", "explained"), [("pixels", True), ("embedding", True), ("fusion", True), ("mesh", False)]
)
def test_which_features_pixels_explain(name, explained):
    assert is_explained_by_pixels(FEATURES[name]) == explained


def test_a_model_of_the_mesh_alone_is_refused(crop):
    with pytest.raises(ModelError, match="'looker' reads the points"):
        explain(Looker(FEATURES["mesh"]), crop, "happy")


@pytest.fixture
def at_rest():
    return np.array([neutral_faces()[name].mean for name in MOVEMENT_NAMES], np.float32)


def test_the_stored_movements_are_mediapipes():
    assert list(neutral_faces()) == list(MOVEMENT_NAMES)
    assert all(0 <= neutral.mean <= 1 and 0 <= neutral.spread <= 0.5 for neutral in neutral_faces().values())


@pytest.fixture
def told(at_rest):
    """What is told of a neutral face with some movements changed: `told(jawOpen=0.8)`."""

    def tell(most=5, **changed):
        for name, value in changed.items():
            at_rest[MOVEMENT_NAMES.index(name)] = value
        return [str(movement) for movement in most_moved(at_rest, most)]

    return tell


def test_every_movement_has_words():
    told = {(one.name, one.side) for one in most_moved(np.ones(len(MOVEMENT_NAMES), np.float32), most=99)}
    sides = {"both": ("Left", "Right"), "": ("",)}
    assert {name + each for name, side in told for each in sides[side]} == set(MOVEMENT_NAMES)


def test_both_sides_that_do_the_same_are_one_movement(told):
    (lip,) = told(mouthUpperUpLeft=0.61, mouthUpperUpRight=0.55)
    assert lip == "Upper lip raised, both sides (0.58; usually 0.02)"


def test_sides_that_differ_clearly_stay_two(told):
    assert told(mouthUpperUpLeft=0.9, mouthUpperUpRight=0.5) == [
        "Upper lip raised, left side (0.90; usually 0.02)",
        "Upper lip raised, right side (0.50; usually 0.02)",
    ]
    assert len(told(mouthUpperUpRight=0.02)) == 1


def test_a_face_at_rest_has_nothing_to_tell(at_rest):
    assert most_moved(at_rest) == []


def test_what_wanders_in_neutral_faces_counts_less(at_rest):
    at_rest[MOVEMENT_NAMES.index("browOuterUpLeft")] += 0.6
    at_rest[MOVEMENT_NAMES.index("jawOpen")] += 0.6
    moved = [(one.name, one.side) for one in most_moved(at_rest)]
    assert moved == [("jawOpen", ""), ("browOuterUp", "left")]


def test_what_never_moves_does_not_stand_out_by_a_hair(at_rest):
    at_rest[MOVEMENT_NAMES.index("cheekPuff")] += 0.05
    assert most_moved(at_rest) == []


def test_no_more_than_asked_for(at_rest):
    assert len(most_moved(np.ones_like(at_rest), most=3)) == 3
