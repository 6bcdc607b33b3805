"""What this program is where it runs: the installed package `mien`, or the folder `core` of a checkout."""

INSTALLED = __package__ == "mien"
"""Whether the engine was installed by itself, without the workshop and the pages."""

COMMAND = "mien" if INSTALLED else f"python -m {__package__}"
"""How its command line is called, for sentences that tell people what to run."""
