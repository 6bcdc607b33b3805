"""The files that a visitor of the repository meets are whole, and say the same as the project."""

import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_citation_is_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["cff-version"] == "1.2.0"
    assert (citation["version"], citation["license"]) == (PROJECT["version"], PROJECT["license"])
    assert {"message", "title", "authors"} <= citation.keys()


def test_the_changelog_knows_this_version():
    assert f"\n## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_commit_hooks_download_nothing():
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        assert hook["language"] == "system"
        assert hook["entry"].startswith(".venv/bin/ruff ")


@pytest.mark.parametrize("path", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[bi]*.yml")), ids=lambda p: p.stem)
def test_an_issue_form_is_one(path):
    form = yaml.safe_load(path.read_text())
    assert {"name", "description", "body"} <= form.keys()
    for field in form["body"]:
        assert field["type"] in {"markdown", "textarea", "input", "dropdown", "checkboxes"}
        assert field["type"] == "markdown" or {"id", "attributes"} <= field.keys()
    assert len({field["id"] for field in form["body"] if "id" in field}) == sum("id" in field for field in form["body"])


def test_who_reports_a_bug_is_asked_for_no_strangers_picture():
    assert "picture of people" in (ROOT / ".github" / "ISSUE_TEMPLATE" / "bug.yml").read_text()
