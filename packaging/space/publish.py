"""Upload the assembled Space with the `hf` client: `python packaging/space/publish.py OWNER/NAME`."""

import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "dist" / "space"

NO_NAME = "Name the Space to write to: make space-publish SPACE=OWNER/NAME"
NO_CLIENT = "The `hf` client is missing: pip install huggingface_hub"
NO_TOKEN = (
    "There is no Hugging Face token here: make one that may write to your repositories at "
    "https://huggingface.co/settings/tokens, then give it to `hf auth login` or put it into HF_TOKEN."
)


def publish(space: str, folder: Path = FOLDER) -> None:
    """Make the Space where there is none yet, and bring it to what the folder holds."""
    from huggingface_hub import get_token  # looks at the environment and at a file, and asks nobody

    hf = shutil.which("hf")
    if hf is None:
        sys.exit(NO_CLIENT)
    if not get_token():
        sys.exit(NO_TOKEN)
    for command in (
        ["repos", "create", space, "--type", "space", "--space-sdk", "gradio", "--exist-ok"],
        ["upload", space, str(folder), ".", "--type", "space", "--delete", "*", "--commit-message", "make space"],
    ):
        if subprocess.run([hf, *command]).returncode:  # which has said why
            sys.exit(1)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1].count("/") != 1:
        sys.exit(NO_NAME)
    publish(sys.argv[1])
