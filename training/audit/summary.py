"""Summary of an audit: everything that it finds, as plain JSON types and as text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from training.audit.clean_copy import cleaned
from training.audit.duplicates import copies, exact, leaked, near
from training.audit.label_quality import agreement, by_model, by_votes, disputed, predictions, share_agreed
from training.audit.statistics import blank, by_class, class_counts, coverage, statistics_of
from training.datasets import SPLITS
from training.datasets.index import Progress, Rows
from training.text_tables import aligned

_MOST = 1000  # images in a list that begins with the worst


def summarise(rows: Rows, progress: Progress = lambda done, total: None) -> dict[str, Any]:
    """Audit a dataset; an image is named by its row in the file, from 0.

    Raises:
        TrainingError: The statistics cannot be kept.
    """
    statistics = statistics_of(rows, progress)
    agreed = agreement(rows)
    share = share_agreed(agreed)
    made_by = cleaned(rows.path)
    return {
        "dataset": rows.path.name,
        "hash": rows.hash,
        "images": len(rows),
        "clean_copy_of": made_by
        and {
            "hash": made_by.of,
            "dropped": made_by.dropped,
            "excluded": made_by.excluded,
            "relabelled": made_by.relabelled,
            "in_words": str(made_by),
        },
        "counts": _nested(class_counts(rows)),
        "faces_not_found": int((~rows.found).sum()),
        "blank": blank(rows).tolist(),
        "copies": _nested(copies(rows)),
        "leaked": leaked(rows).tolist(),
        "exact": exact(rows).to_dict("records"),
        "near": near(rows, statistics).to_dict("records"),
        "brightness": _nested(by_class(rows, statistics.brightness).round(1)),
        "contrast": _nested(by_class(rows, statistics.contrast).round(1)),
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


def in_words(audit: Mapping[str, Any]) -> str:
    """Give the result of `summarise` as a page of text."""
    parts = [
        f"{audit['dataset']}: {audit['images']:,} images, {audit['hash'][:16]}",
        _counts(audit["counts"]),
        _flaws(audit),
        _spread("Brightness", audit["brightness"]),
        _spread("Contrast", audit["contrast"]),
    ]
    if audit["agreement"]:
        parts.append(_agreement(audit["agreement"]))
    parts.append(_doubts(audit["doubtful"]))
    if audit["mesh"]:
        parts.append(_mesh(audit["mesh"]))
    return "\n\n".join(parts)


def _counts(counts: Mapping[str, Mapping[str, int]]) -> str:
    labels = list(next(iter(counts.values())))
    rows = [[split, *(str(row[label]) for label in labels), str(sum(row.values()))] for split, row in counts.items()]
    return aligned(["", *labels, "all"], rows)


def _flaws(audit: Mapping[str, Any]) -> str:
    near = audit["near"]
    lines = [f"{len(audit['blank'])} blank images", f"{audit['faces_not_found']} faces that were not found"]
    for split, row in audit["copies"].items():
        for other in SPLITS[: SPLITS.index(split) + 1]:
            where = "another of their split" if other == split else f"one of {other}"
            lines.append(f"{row.get(other, 0)} {split} images are exact copies of {where}")
    lines.append(
        f"{len(near)} pairs look the same without being exact copies, {sum(pair['across'] for pair in near)} of them "
        f"across splits, {sum(pair['differ'] for pair in near)} with different labels"
    )
    lines.append(f"{len(audit['leaked'])} test images leak from an earlier split: `clean` leaves them out")
    if audit["clean_copy_of"]:
        lines.append(f"a clean copy: {audit['clean_copy_of']['in_words']}")
    return "\n".join(lines)


def _spread(name: str, quantiles: Mapping[str, Mapping[str, float]]) -> str:
    shares = list(next(iter(quantiles.values()), {}))
    rows = [[label, *(f"{row[share]:.0f}" for share in shares)] for label, row in quantiles.items()]
    return aligned([name, *(f"{float(share):.0%}" for share in shares)], rows)


def _agreement(agreement: Mapping[str, Any]) -> str:
    table = agreement["table"]
    rows = [[label, *map(str, row.values())] for label, row in table.items()]
    return f"{agreement['share']:.1%} have the label that most people chose\n" + aligned(
        ["label \\ votes", *table], rows
    )


def _doubts(doubtful: Mapping[str, list]) -> str:
    lines = []
    for who, images in doubtful.items():
        worst = "; ".join(f"row {each['row']}: {each['label']}, rather {each['suggested']}" for each in images[:3])
        lines.append(f"Labels doubted by {who}: {len(images)} listed{f' ({worst}; …)' if worst else ''}")
    return "\n".join(lines)


def _mesh(mesh: list[Mapping[str, Any]]) -> str:
    return aligned(
        ["Mesh found", "images", "share"],
        [[f"{each['split']}, {each['label']}", str(each["images"]), f"{each['share']:.1%}"] for each in mesh],
    )
