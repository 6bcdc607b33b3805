import numpy as np
import pytest

from core.recipes import get_recipe

RECIPE = get_recipe("mesh-svm")


@pytest.mark.parametrize(("preset", "feature", "components"), [("seed", "distances", 50), (None, "mesh", None)])
def test_the_pipeline_is_as_it_is_set(preset, feature, components):
    settings = RECIPE.settings(**(RECIPE.presets[preset] if preset else {}))
    assert RECIPE.feature_of(settings) == feature
    scaler, pca, svc = (step for _, step in RECIPE.build(settings).steps)
    assert (type(scaler).__name__, svc.kernel, svc.C) == ("StandardScaler", "rbf", settings.C)
    assert (pca.n_components, pca.whiten) == (settings.components, settings.whiten)
    if preset == "seed":
        assert (pca.n_components, pca.whiten, svc.C, svc.gamma, settings.votes) == (components, False, 5, "scale", 0)


def test_it_can_be_fitted_on_rows_of_numbers():
    rng = np.random.default_rng(0)
    labels = np.arange(70) % 7
    pipeline = RECIPE.build(RECIPE.settings(components=7)).fit(np.eye(9)[labels] + rng.normal(0, 0.1, (70, 9)), labels)
    assert pipeline.decision_function(np.eye(9)[:7]).shape == (7, 21)
    assert pipeline.predict(np.eye(9)[:7]).tolist() == list(range(7))
