"""What a Space starts: `python app.py`."""

import os
from pathlib import Path

# What goes along, before anything looks for it; the rest is fetched.
os.environ.setdefault("MIEN_ASSETS", str(Path(__file__).parent / "assets"))

from webapp.space.app import main

main()
