"""Reading made-up sources of any format."""

from dataclasses import dataclass, field

import pytest

from core.labels import FERPLUS8
from training.datasets.incoming.classes import Classes
from training.datasets.incoming.layout import Hints
from training.datasets.incoming.persons import person_pattern
from training.datasets.sources import read_source


@dataclass
class Read:
    """A source that was read to its end: its samples by name, and what was said of it."""

    layout: str
    samples: dict = field(default_factory=dict)
    said: str = ""
    unreadable: tuple = ()
    passed_over: tuple = ()

    @property
    def labels(self):
        return {name: FERPLUS8.labels[sample.label] for name, sample in self.samples.items()}

    @property
    def splits(self):
        return {name: sample.split for name, sample in self.samples.items()}

    @property
    def persons(self):
        return {name: sample.person for name, sample in self.samples.items()}


@pytest.fixture
def read():
    """Read a source: `read(path, classes="Ahegao=-", person="(.)_", image="pth", label="label")`."""

    def read(path, classes="", person=None, image=None, label=None, **arguments):
        hints = Hints(Classes.parse(classes), image, label, person_pattern(person) if person else None)
        with read_source(path, hints=hints, **arguments) as source:
            samples = list(source.samples)
            assert len({(sample.name, sample.box) for sample in samples}) == len(samples)
            named = {sample.name: sample for sample in samples}
            said = "\n".join(source.understood)
            return Read(source.layout, named, said, tuple(source.unreadable), source.passed_over)

    return read
