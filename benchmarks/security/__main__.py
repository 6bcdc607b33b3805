"""What Mien promises of safety and privacy, and whether it holds: `python -m benchmarks.security`.

Runs the tests that stand for each promise, and pip-audit, and writes a section of docs/reliability.md; exits with 1
where one does not hold.
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
    """Paragraphs in Markdown; what came of each claim by its words."""
    rows = [
        [promise.what, promise.how, came[promise.what].told(), str(came[promise.what].tries)] for promise in PROMISES
    ]
    told = audit.verdict(audited, audit.explanations())
    rows.append(["No package has a known weakness that matters", "pip-audit over `requirements.txt`", told, ""])
    notes = [f"- **Does not hold**: {why}" for each in came.values() for why in (*each.broken, *each.known)]
    notes += [f"- **Not tried** in part or whole: {why}" for each in came.values() for why in each.untried]
    return [
        "Each promise with the tests that can break it, run for this page by `python -m benchmarks.security`.",
        text_tables.markdown(["promise", "how it is checked", "outcome", "tests"], rows),
        *dict.fromkeys(notes),  # one test may stand for several promises
        f"*Run {machine.tell(place)}.*",
    ]


def main(arguments: list[str] | None = None) -> None:
    """Check, and write what came of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.security", description=__doc__)
    parser.add_argument("--page", type=Path, default=reliability_page.PAGE)
    given = parser.parse_args(arguments)
    place = machine.machine()
    cases = run_tests(test for promise in PROMISES for test in promise.tests)
    came = {promise.what: outcome(promise, cases) for promise in PROMISES}
    audited = audit.audit()
    reliability_page.write("security", section(came, audited, place), given.page)
    wrong = list(dict.fromkeys(why for each in came.values() for why in each.broken))
    wrong += audit.faults(audited, audit.explanations())
    print("\n".join(wrong) or "all that was tried holds", file=sys.stderr)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
