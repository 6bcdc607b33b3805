"""An installed model, or the run it came from -> the Keras model that it was exported from."""

from __future__ import annotations

import tempfile
from pathlib import Path

from core.cards import Card
from core.model_store import read_verified
from core.recipes import UnknownRecipeError, get_recipe
from training.checkpoints import best_of
from training.errors import TrainingError
from training.export.folder import WEIGHTS_FILE
from training.settings import check_settings
from training.weights import load_weights


def rebuild(folder: Path, run: Path | None = None):
    """The `keras.Model` of a model folder, with the weights kept there or, where given, those of a run.

    Raises:
        ModelError: a file of the folder is not the one that its card names.
        TrainingError: there are no weights, or they are another model's, or the recipe is not of this version.
    """
    card = Card.load(folder)
    model = _build(card)
    if run is not None:
        load_weights(model, best_of(run))
    elif WEIGHTS_FILE in card.files:
        with tempfile.TemporaryDirectory() as scratch:  # what was verified is what is read
            path = Path(scratch) / WEIGHTS_FILE
            path.write_bytes(read_verified(folder, card, WEIGHTS_FILE))
            load_weights(model, path)
    else:
        raise TrainingError(f"{folder} keeps no {WEIGHTS_FILE}; give the run that it came from, --run runs/{card.name}")
    return model


def _build(card: Card):
    try:
        recipe = get_recipe(card.recipe)
        settings = recipe.settings(**card.settings)
        check_settings(settings)  # a card from elsewhere may ask for a network of any size
    except UnknownRecipeError:
        raise TrainingError(
            f"model {card.name!r} is of the recipe {card.recipe!r}, which this version cannot build; an adopted model "
            "is exported from the file that it came from"
        ) from None
    except (TypeError, ValueError, TrainingError) as error:
        raise TrainingError(
            f"the card of {card.name!r} has settings that this version does not know ({error!s:.200})"
        ) from None
    if recipe.trainer != "keras":
        raise TrainingError(f"model {card.name!r} is no network; its model file in models/{card.name} is all there is")
    return recipe.build(settings)
