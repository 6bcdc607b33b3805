"""The workshop's command line: `python -m training`."""

from __future__ import annotations

import typer

from core.errors import MienError, disk_trouble
from training.commands import (
    audit,
    data,
    ensemble,
    explanations,
    extract,
    faces,
    measure,
    models,
    pack,
    reproduce,
    robustness,
    sweep,
    train,
)

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.callback()
def workshop() -> None:
    """Turn datasets into trained, calibrated, measured models."""


app.command("import")(data.import_dataset)
app.command()(data.download)
app.command()(data.sample)
app.command()(audit.audit)
app.command()(extract.extract)
app.command()(pack.pack)
app.command()(train.train)
app.command()(sweep.sweep)
app.command()(measure.evaluate)
app.command()(measure.compare)
app.command()(measure.subtle)
app.command()(robustness.robustness)
app.command()(robustness.robustness_chart)
app.command()(explanations.check_saliency)
app.command()(explanations.neutral_movements)
app.command()(faces.check_photographs)
app.command()(faces.face_check)
app.command()(models.models)
app.command()(models.export)
app.command()(models.adopt)
app.command()(ensemble.ensemble)
app.command()(reproduce.reproduce)


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
