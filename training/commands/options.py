"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DatasetOption = Annotated[Path, typer.Option("--data", help="Dataset file that `import` wrote.")]
