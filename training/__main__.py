"""Run the workshop's command line: `python -m training`."""

from training.commands.main import main

main()
