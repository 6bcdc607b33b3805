"""The workshop's command line: `python -m training`."""

from __future__ import annotations

import typer

from core.errors import MienError, disk_trouble
from training.commands import data, engine, evaluate, features, models, train

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.callback()
def workshop() -> None:
    """Turn datasets into trained, calibrated, measured models."""


app.command("import")(data.import_dataset)
app.command()(data.download)
app.command()(data.sample)
app.command()(data.audit)
app.command()(features.extract)
app.command()(features.pack)
app.command()(train.train)
app.command()(train.sweep)
app.command()(evaluate.evaluate)
app.command()(evaluate.compare)
app.command()(evaluate.subtle)
app.command()(evaluate.robustness)
app.command()(evaluate.robustness_chart)
app.command()(engine.check_saliency)
app.command()(engine.neutral_movements)
app.command()(engine.check_photographs)
app.command()(engine.face_check)
app.command()(models.models)
app.command()(models.export)
app.command()(models.adopt)
app.command()(models.ensemble)
app.command()(models.reproduce)


def main() -> None:
    """Run the command; a user's mistake is one sentence on stderr and exit code 2."""
    try:
        app()
    except MienError as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(2) from None
    except OSError as error:
        if not (sentence := disk_trouble(error)):
            raise
        typer.echo(f"error: {sentence}", err=True)
        raise SystemExit(2) from None
