import pytest

from core.features import FEATURES
from core.recipes import get_recipe
from training.commands.features import extract
from training.commands.options import embedding_of
from training.commands.train import train
from training.errors import TrainingError


def test_an_embedder_is_a_feature_that_embedding_mlp_eats():
    recipe = get_recipe("embedding-mlp")
    features = [embedding_of(embedder) for embedder in ("mien", "mobilenet_v3_large")]
    assert features[0] == recipe.feature
    for feature in features:
        assert FEATURES[feature].shape == (1280,)
        assert recipe.feature_of(recipe.settings(feature=feature)) == feature


def test_an_unknown_embedder_is_named_with_those_there_are():
    with pytest.raises(TrainingError, match="--embedder resnet: unknown; give one of mien, mobilenet_v3_large"):
        embedding_of("resnet")


def test_what_has_no_embedder_says_so(tmp_path):
    with pytest.raises(TrainingError, match="'quick' eats no embedding"):
        train("quick", tmp_path / "data.parquet", embedder="mien")
    with pytest.raises(TrainingError, match="for the feature embedding, not for 'mesh'"):
        extract("mesh", tmp_path / "data.parquet", tmp_path / "out.parquet", embedder="mien")
