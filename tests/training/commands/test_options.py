import pytest

from core.features import FEATURES
from core.recipes import get_recipe
from training.commands.options import embedding_of
from training.errors import TrainingError


def test_an_embedder_is_a_feature_that_embedding_mlp_reads():
    recipe = get_recipe("embedding-mlp")
    features = [embedding_of(embedder) for embedder in ("mien", "mobilenet_v3_large")]
    assert features[0] == recipe.feature
    for feature in features:
        assert FEATURES[feature].shape == (1280,)
        assert recipe.feature_of(recipe.settings(feature=feature)) == feature


def test_an_unknown_embedder_is_named_with_those_there_are():
    with pytest.raises(TrainingError, match=r"resnet.* mien, mobilenet_v3_large"):
        embedding_of("resnet")
