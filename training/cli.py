"""The workshop's command line: `python -m training`."""

from __future__ import annotations

import typer

from core.errors import MienError
from core.models import UnknownRecipeError
from training.commands import data, measure, models, train
from training.errors import DatasetError, TrainingError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.callback()
def workshop() -> None:
    """Turn datasets into trained, calibrated, measured models."""


app.command("import")(data.import_dataset)
app.command()(train.train)
app.command()(measure.evaluate)
app.command()(models.models)


def main() -> None:
    """Run the command; a user's mistake is one sentence on stderr and exit code 2."""
    try:
        app()
    except (DatasetError, TrainingError, MienError, UnknownRecipeError) as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(2) from None
