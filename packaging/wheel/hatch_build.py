"""Puts the models that come with the package into the wheel."""

import json
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ShippedModels(BuildHookInterface):
    """Takes of each model what serving reads: its card, its README, and not the weights that a training begins from."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add `mien/shipped/NAME/`; called by hatchling before it writes the wheel."""
        for name in self.config["models"]:
            folder = Path(self.root, "..", "..", "models", name).resolve()
            files = json.loads((folder / "card.json").read_text(encoding="utf-8"))["files"]
            for file in ("card.json", "README.md", *files):
                if file != "weights.npz":
                    build_data["force_include"][str(folder / file)] = f"mien/shipped/{name}/{file}"
