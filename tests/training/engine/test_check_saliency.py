from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from core.cards import Output
from core.features import FEATURES
from core.labels import FER7
from training.commands import engine
from training.commands.main import app
from training.engine.check_saliency import SaliencyCheck, check_saliency
from training.errors import TrainingError


class BarReader:
    """Sees the bright bar that the made-up faces have at their class's height."""

    feature = FEATURES["pixels"]
    card = SimpleNamespace(name="bars", outputs={"fer7": Output(FER7.labels, "made up")})

    def predict(self, features):
        bars = [features[:, 4 + 6 * label : 8 + 6 * label, 8:40, 0].mean(axis=(1, 2)) for label in range(7)]
        logits = np.stack(bars, axis=1) / 20
        return {"fer7": logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))}


class Deaf(BarReader):
    """Answers the same whatever it sees."""

    def predict(self, features):
        return super().predict(np.full_like(features, 9) + np.arange(48, dtype=np.uint8)[:, None, None])


def test_hiding_the_bar_counts_more_than_hiding_anything_else(dataset):
    found = check_saliency(BarReader(), dataset, images=20)
    assert found.holds
    assert found.p < 0.01
    assert np.median(found.marked) > 0.3
    assert "20 images of public-test" in str(found)
    assert str(found).endswith("holds")


@pytest.mark.filterwarnings("ignore:invalid value")  # of a test on zeros alone
def test_a_model_that_looks_nowhere_does_not_pass(dataset):
    assert not check_saliency(Deaf(), dataset, images=20).holds


def test_the_same_seed_gives_the_same_figures(dataset):
    first, again = (check_saliency(BarReader(), dataset, images=5, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.elsewhere, again.elsewhere)


def test_twice_as_much_is_asked_for():
    elsewhere = np.linspace(0.1, 0.2, 50)
    assert SaliencyCheck(2.1 * elsewhere, elsewhere).holds
    assert not SaliencyCheck(1.9 * elsewhere, elsewhere).holds


def test_too_few_images_are_said(dataset):
    with pytest.raises(
        TrainingError, match=r"35 images of public-test stand in no other split; give a smaller --images"
    ):
        check_saliency(BarReader(), dataset, images=500)


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize(("model", "exit_code", "said"), [(BarReader, 0, "holds"), (Deaf, 1, "DOES NOT HOLD")])
def test_the_command_fails_where_it_does_not_hold(dataset, monkeypatch, model, exit_code, said):
    monkeypatch.setattr(engine, "folder_of", lambda name: name)
    monkeypatch.setattr(engine, "Artifact", lambda folder: model())
    run = CliRunner().invoke(app, ["check-saliency", "bars", "--data", str(dataset), "--images", "10"])
    assert run.exit_code == exit_code
    assert run.stdout.startswith("bars: 10 images")
    assert run.stdout.strip().endswith(said)
