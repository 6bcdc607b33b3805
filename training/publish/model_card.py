"""Model cards for readers: the README.md of a model folder, generated from its card."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from core.cards import FER2013, Card, Output, dataset_title, split_title
from core.runtime.files import write_whole
from training.text_tables import markdown

FILE = "README.md"
_INTERVALS = {"accuracy": "accuracy_interval", "ece": "ece_interval"}
_FIGURES = {
    "accuracy": "accuracy",
    "accuracy_without_copies": "accuracy without copies of {training}",
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro-F1",
    "ece": "calibration error",
    "coverage": "faces found",
    "answered": "answers given, the rest being unsure",
    "accuracy_answered": "accuracy of those",
    "flat_accuracy": "with a flat prior: accuracy",
    "flat_balanced_accuracy": "with a flat prior: balanced accuracy",
    "flat_ece": "with a flat prior: calibration error",
}

_MUST_NOT = """\
It reads the expression that people would see in a face, not what somebody feels, thinks or intends. It must not be \
used to judge people: not for hiring, schooling, insurance, policing, border control or the detection of lies, and not \
to watch people who have not agreed to it. In the European Union, inferring emotions at work and in schools is \
forbidden but for medical and safety reasons (Regulation 2024/1689, Article 5)."""
_RARE = {
    FER2013: "FER2013's pictures are from web searches: some groups of people are rare among them, so expect more "
    "errors on those.",
    "": "Its card does not say which pictures it has learnt from: expect more errors on people who are unlike them.",
}
_RARE_ELSEWHERE = "It has learnt from the pictures of {}: expect more errors on people who are rare among them."

_LICENCE = {True: "Licence: Apache-2.0.", False: "It was adopted from elsewhere: the licence of its makers holds."}


def write(folder: Path) -> None:
    """Write the README.md of a model folder; to be called whenever its card has changed.

    Raises:
        ModelError: The card of the folder cannot be read.
    """
    write_whole(folder / FILE, text(Card.load(folder)))


def text(card: Card) -> str:
    """Make the model card (Mitchell et al. 2019) as Markdown, with the front matter that model hubs read."""
    learnt_from = dataset_title(card.data.get("name", ""))
    parts = [
        _front_matter(card),
        f"# {card.name}",
        card.summary,
        _use(card),
        "## What it must not be used for",
        f"{_MUST_NOT} {_RARE.get(learnt_from, _RARE_ELSEWHERE.format(learnt_from))}",
        "## Answers",
        *(_answers(name, output) for name, output in card.outputs.items()),
        "## Figures",
        _figures(card),
        "## How it was made",
        _making(card),
        "## Files",
        markdown(
            ["file", "bytes", "sha256"],
            [[f"`{name}`", f"{entry['bytes']:,}", f"`{entry['sha256']}`"] for name, entry in card.files.items()],
        ),
        f"Mien refuses a file with another hash. {_LICENCE[_is_ours(card)]}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _is_ours(card: Card) -> bool:
    return not isinstance(card.data.get("source"), dict)


def _front_matter(card: Card) -> str:
    return "\n".join(
        [
            "---",
            f"license: {'apache-2.0' if _is_ours(card) else 'other'}",
            "pipeline_tag: image-classification",
            "tags:",
            "- facial-expression-recognition",
            f"- {_library(card)}",
            "metrics:",
            "- accuracy",
            "---",
        ]
    )


def _library(card: Card) -> str:
    known = {".skops": "scikit-learn", ".onnx": "onnx"}
    return next((known[suffix] for suffix in map(_suffix, card.files) if suffix in known), "litert")


def _suffix(name: str) -> str:
    return Path(name).suffix


def _use(card: Card) -> str:
    return (
        f"It takes the feature `{card.feature['name']}` (version {card.feature['version']}) of one face at a time, "
        f"which Mien makes of a picture:\n\n```python\nfrom core.recognizer import Recognizer\n\n"
        f'Recognizer("{card.name}").read("photo.jpg")\n```'
    )


def _answers(name: str, output: Output) -> str:
    return (
        f"`{name}`, in this order: {', '.join(output.labels)}. Label source: {output.label_source}. The logits are "
        f"divided by {output.temperature:g} (temperature scaling, Guo et al. 2017), and a confidence below "
        f"{output.unsure_below:g} is called unsure."
    )


def _figures(card: Card) -> str:
    metrics = card.metrics
    if not metrics:
        return "Not measured yet."
    measured_on = {key: card.measured_on(key) for key in metrics}
    splits = {key: _title(key, dataset) for key, dataset in measured_on.items()}
    table = markdown(
        ["", *splits.values()],
        [["images", *(str(metrics[key].get("n", "")) for key in splits)]]
        + [
            [title, *(_figure(metrics[key], figure) for key in splits)]
            for figure, title in _titled(set(measured_on.values()))
            if any(figure in figures for figures in metrics.values())
        ],
    )
    return "\n\n".join(
        [
            table,
            "Every image is counted, whether its face was found or not. Brackets hold 95% bootstrap intervals.",
            *_default(metrics.get("private_test", {}), measured_on.get("private_test", "")),
            *(f"{title}:\n\n{_by_class(metrics[key])}" for key, title in splits.items() if "f1" in metrics[key]),
            *(note for key, title in splits.items() if (note := _copies(title, metrics[key].get("copies")))),
        ]
    )


def _default(figures: Mapping, dataset: str) -> Iterator[str]:
    """Say which of the two answers is the default, and what the other one changes."""
    if figures.get("flat_accuracy") is None:
        return
    accuracy = 100 * (figures["flat_accuracy"] - figures["accuracy"])
    balanced = 100 * (figures["flat_balanced_accuracy"] - figures["balanced_accuracy"])
    shown = "the web shows them" if dataset == FER2013 else f"{dataset or 'its dataset'} has them"
    yield (
        f"The plain answer is the default: its confidence is true of faces as {shown}, where some expressions are "
        f"rare, and so of {split_title('private-test', dataset)}. A flat prior counts all as equally common; there it "
        f"changes accuracy by {accuracy:+.1f} points and balanced accuracy by {balanced:+.1f}. A stream's viewer can "
        "choose it; a person who can be seen at rest should take a personal baseline instead, which includes it."
    )


def _title(key: str, dataset: str) -> str:
    """What the Report of a card is about: FER2013's splits are known by their names alone."""
    title = split_title(key, dataset)
    return f"{title} of {dataset}" if dataset not in (FER2013, "") else title


def _titled(datasets: Collection[str]) -> Iterator[tuple[str, str]]:
    """Names and titles of the figures, with FER2013's word for its training images if all are about that."""
    training = split_title("training", FER2013 if datasets == {FER2013} else "")
    for figure, title in _FIGURES.items():
        yield figure, title.format(training=training)


def _figure(figures: Mapping, name: str) -> str:
    if figures.get(name) is None:
        return ""
    if interval := figures.get(_INTERVALS.get(name, "")):
        return f"{figures[name]:.1%} ({interval[0]:.1%} to {interval[1]:.1%})"
    return f"{figures[name]:.1%}"


def _by_class(figures: Mapping) -> str:
    kinds = [kind for kind in ("precision", "recall", "f1") if kind in figures]
    return markdown(
        ["expression", *(kind.replace("f1", "F1") for kind in kinds)],
        [[label, *(f"{figures[kind][label]:.1%}" for kind in kinds)] for label in figures["f1"]],
    )


def _copies(title: str, copies: int | Mapping[str, int] | None) -> str:
    if not copies:
        return ""
    places = copies if isinstance(copies, Mapping) else {"training": copies}
    return f"Of {title}, " + " and ".join(f"{n} images are also in {split}" for split, n in places.items()) + "."


def _making(card: Card) -> str:
    data = card.data
    facts = {
        "recipe": f"`{card.recipe}`",
        "parameters": f"{data['parameters']:,}" if isinstance(data.get("parameters"), int) else None,
        "weights in": data.get("weights"),
        "dataset": data.get("name"),
        "images learnt from": data.get("training_images"),
        "calibrated on": data.get("calibrated_on"),
        "images chosen on": data.get("choice_images"),
        "source file": _file(data.get("source")),
        "pretrained weights": _pretrained(data.get("pretrained")),
        "settings": ", ".join(f"{name} {value}" for name, value in card.settings.items()),
        "seed": card.seed,
        "peak memory of the fit": f"{data['peak_memory_mb']} MB" if data.get("peak_memory_mb") else None,
        "command": f"`{card.command}`" if card.command else None,
        "versions": ", ".join(f"{name} {version}" for name, version in card.versions.items()),
        "made on": card.created,
    }
    return "\n".join(f"- {name}: {value}" for name, value in facts.items() if value not in (None, ""))


def _pretrained(entry: Mapping[str, str] | None) -> str | None:
    if not entry:
        return None
    known = {"from": entry.get("origin"), "licence": entry.get("licence")}
    return ", ".join([str(_file(entry)), *(f"{word} {text}" for word, text in known.items() if text)])


def _file(entry: Mapping[str, str] | None) -> str | None:
    return entry and ", sha256 ".join(f"`{entry[key]}`" for key in ("name", "sha256") if key in entry)
