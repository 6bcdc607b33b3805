"""What a Space starts: `python app.py`."""

from webapp.space.app import main

main()
