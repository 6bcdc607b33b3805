"""The workshop's command line: `python -m training`."""

from __future__ import annotations

from core.cli.main import new_app, run
from training.commands import data, engine, evaluate, features, models, train

app = new_app()


@app.callback()
def workshop() -> None:
    """Turn datasets into trained, calibrated, measured models."""


app.command("import")(data.import_dataset)
app.command()(data.download)
app.command()(data.sample)
app.command()(data.audit)
app.command()(data.clean)
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
app.command()(engine.standard_face)
app.command()(engine.check_photographs)
app.command()(engine.crop_region)
app.command()(engine.face_check)
app.command()(models.models)
app.command()(models.export)
app.command()(models.adopt)
app.command()(models.ensemble)
app.command()(models.reproduce)


def main() -> None:
    """Run the workshop's command line."""
    run(app)
