"""Text of others in Markdown."""

import re


def escaped(text: str) -> str:
    """The text as it is: nothing in it is taken for emphasis, a link, a colour or an icon."""
    return re.sub(r"([\\`*_{}\[\]()#+!|~$:<>])", r"\\\1", text)
