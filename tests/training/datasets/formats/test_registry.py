"""What holds of every format."""

from pathlib import Path

from training.datasets import formats as package
from training.datasets.formats import formats
from training.datasets.incoming.layout import Hints
from training.datasets.incoming.tree import Tree

GUIDE = Path(__file__).parents[4] / "docs" / "how-to" / "own-dataset.md"


def test_a_format_is_one_file_and_every_file_one_format():
    files = [path.stem for path in Path(package.__file__).parent.glob("*.py") if path.stem != "__init__"]
    assert len(formats()) == len({each.name for each in formats()}) == len(files)


def test_none_takes_what_it_does_not_know(tmp_path, make_pictures):
    trees = [Tree(tmp_path), Tree.of_folder(make_pictures("1.png", "x/2.png"), Hints().classes)]
    (tmp_path / "notes.txt").write_text("Hello, this is no table; of anything\n")
    trees.append(Tree.of_file(tmp_path / "notes.txt"))
    for each in formats():
        if not each.takes_columns:  # which says what is missing in a table
            assert [each.read(tree, Hints()) for tree in trees] == [None] * 3


def test_the_guide_has_them_all():
    guide = GUIDE.read_text(encoding="utf-8")
    assert [each.name for each in formats() if each.name not in guide] == []
