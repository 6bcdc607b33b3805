"""Everything that an audit finds, in plain values that can be written as JSON."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from training.audit.agreement import agreement, disputed, share_agreed
from training.audit.brightness import by_class
from training.audit.clean import cleaned
from training.audit.counts import blank, class_counts
from training.audit.coverage import coverage
from training.audit.doubtful import by_model, by_votes, predictions
from training.audit.duplicates import copies, exact, leaked, near
from training.audit.looks import look
from training.audit.rows import Progress, Rows

_MOST = 1000  # images in a list that goes from bad to good


def summarise(rows: Rows, progress: Progress = lambda done, total: None) -> dict[str, Any]:
    """The figures of all views of a dataset; an image is named by its row in the file, from 0.

    Raises:
        TrainingError: what was computed cannot be kept.
    """
    looks = look(rows, progress)
    agreed = agreement(rows)
    share = share_agreed(agreed)
    made_by = cleaned(rows.path)
    return {
        "dataset": rows.path.name,
        "hash": rows.hash,
        "images": len(rows),
        "clean_copy_of": made_by and {"hash": made_by.of, "dropped": made_by.dropped},
        "counts": _nested(class_counts(rows)),
        "faces_not_found": int((~rows.found).sum()),
        "blank": blank(rows).tolist(),
        "copies": _nested(copies(rows)),
        "leaked": leaked(rows).tolist(),
        "exact": exact(rows).to_dict("records"),
        "near": near(rows, looks).to_dict("records"),
        "brightness": _nested(by_class(rows, looks.brightness).round(1)),
        "contrast": _nested(by_class(rows, looks.contrast).round(1)),
        "agreement": None if math.isnan(share) else {"share": share, "table": _nested(agreed)},
        "disputed": disputed(rows)[:_MOST].to_dict("records"),
        "doubtful": {
            "votes": by_votes(rows)[:_MOST].to_dict("records"),
            **{name: by_model(rows, said)[:_MOST].to_dict("records") for name, said in predictions(rows).items()},
        },
        "mesh": coverage(rows).to_dict("records"),
    }


def _nested(table: pd.DataFrame) -> dict[str, dict]:
    return table.rename(columns=str).to_dict("index")
