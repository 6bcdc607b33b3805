"""A Report in words, for a terminal."""

from __future__ import annotations

from training.report import Report


def summary(model: str, report: Report) -> str:
    """The figures of one model, one a line."""
    low, high = report.accuracy_interval
    copies = ", ".join(f"{count} in {split}" for split, count in report.copies.items())
    left_out = f", {report.left_out} without a {report.label_set} label left out" if report.left_out else ""
    lines = [
        f"{model} on {report.split}: {report.n} images{left_out}",
        f"  accuracy           {report.accuracy:.2%}  (95 % interval {low:.2%} to {high:.2%})",
        f"  faces found        {report.coverage:.2%}  ({report.accuracy_where_found:.2%} of them right)",
        f"  copies             {copies}",
        f"  without copies     {report.accuracy_without_copies:.2%}  (without those that stand in training)",
        f"  balanced accuracy  {report.balanced_accuracy:.2%}",
        f"  macro-F1           {report.macro_f1:.2%}",
        f"  log-likelihood     {-report.nll:.4f}",
        f"  calibration error  {report.ece:.2%}  ({report.ece_interval[0]:.2%} to {report.ece_interval[1]:.2%})",
        f"  answered           {report.answered:.2%}  at {report.unsure_below:.2f}, "
        f"{report.accuracy_answered:.2%} of them right",
    ]
    if report.unsure_at_90 is not None:
        lines.append(
            f"  for 90 %           {report.answered_at_90:.2%}  at {report.unsure_at_90:.2f}, "
            f"{report.accuracy_at_90:.2%} of them right"
        )
    if report.flat_accuracy is not None:
        lines.append(
            f"  flat prior         {report.flat_accuracy:.2%}, balanced {report.flat_balanced_accuracy:.2%}, "
            f"calibration error {report.flat_ece:.2%}"
        )
    lines += [f"  F1 {label:<15} {value:.2%}" for label, value in report.f1.items()]
    return "\n".join(lines)
