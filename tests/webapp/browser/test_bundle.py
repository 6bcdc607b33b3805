"""The bundles beside the scripts: they are what the scripts give, and the scripts' types fit."""

import shutil
import subprocess

import pytest

from webapp.browser import facts

BROWSER = facts.FILE.parents[1]


def node(*command):
    if not shutil.which("node"):
        pytest.skip("no Node on this machine")
    if not (BROWSER / "node_modules").is_dir():
        pytest.skip("esbuild and TypeScript are not here: npm install, in webapp/browser")
    run = subprocess.run(command, cwd=BROWSER, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_bundles_are_what_the_scripts_give(tmp_path):
    node("node", "build.mjs", str(tmp_path))
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in (BROWSER / "bundle").iterdir()}
    assert built == kept, "run `npm run build` in webapp/browser"


@pytest.mark.slow
def test_types_fit():
    node("node", "node_modules/typescript/bin/tsc", "--project", ".")
