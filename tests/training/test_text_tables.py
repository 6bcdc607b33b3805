from training.text_tables import aligned, markdown

HEADER, ROWS = ["model", "a"], [["m", "1.0%"], ["longer name", "-"]]


def test_markdown():
    assert markdown(HEADER, ROWS) == "| model | a |\n| --- | --- |\n| m | 1.0% |\n| longer name | - |"


def test_columns_of_a_terminal_end_together():
    assert aligned(HEADER, ROWS) == "model           a\nm            1.0%\nlonger name     -"
