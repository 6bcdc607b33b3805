"""Check what Mien promises of safety and privacy: `python -m benchmarks.security`.

Runs the tests that stand for each promise, and pip-audit, and writes a section of docs/reliability.md; exits with 1
if a promise does not hold.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks import machine, reliability_page
from benchmarks.faults.outcomes import Outcome, outcome, run_tests
from benchmarks.security import audit
from benchmarks.security.promises import PROMISES
from training import text_tables


def section(came: Mapping[str, Outcome], audited: audit.Audit, place: dict) -> list[str]:
    """Write the page's section.

    Args:
        came: Outcome of each promise, by the promise's text.
        audited: Result of pip-audit.
        place: Machine that the tests ran on, from `machine.machine`.

    Returns:
        Paragraphs in Markdown.
    """
    rows = [
        [promise.what, promise.how, came[promise.what].verdict(), str(came[promise.what].tries)] for promise in PROMISES
    ]
    rows.append(
        [
            "No package has a known weakness that matters",
            "pip-audit over `requirements.txt`",
            audit.verdict(audited, audit.explanations()),
            "",
        ]
    )
    notes = [f"- **Does not hold**: {why}" for each in came.values() for why in (*each.broken, *each.known)]
    notes += [f"- **Not tried** in part or whole: {why}" for each in came.values() for why in each.untried]
    return [
        "Each promise with the tests that can break it, run for this page by `python -m benchmarks.security`.",
        text_tables.markdown(["promise", "how it is checked", "outcome", "tests"], rows),
        *dict.fromkeys(notes),  # one test may stand for several promises
        f"*Run {machine.describe(place)}.*",
    ]


def main(arguments: list[str] | None = None) -> None:
    """Run the tests and the audit, write the section, and exit with 1 if a promise does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.security", description=__doc__)
    parser.add_argument("--page", type=Path, default=reliability_page.PAGE, help="the page to write into")
    given = parser.parse_args(arguments)
    watch = machine.Watch()
    cases = run_tests(test for promise in PROMISES for test in promise.tests)
    came = {promise.what: outcome(promise, cases) for promise in PROMISES}
    audited = audit.audit()
    reliability_page.write("security", section(came, audited, watch.machine()), given.page)
    wrong = list(dict.fromkeys(why for each in came.values() for why in each.broken))
    wrong += audit.faults(audited, audit.explanations())
    print("\n".join(wrong) or "all that was tried holds", file=sys.stderr)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
