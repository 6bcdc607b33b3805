from benchmarks import reliability_page


def test_sections_come_in_one_order_whichever_was_written_last(tmp_path):
    page = tmp_path / "docs" / "reliability.md"
    for name in reversed(reliability_page.SECTIONS):
        reliability_page.write(name, [f"what came of {name}", "more"], page)
    text = page.read_text()
    places = [text.index(f"what came of {name}\n\nmore\n") for name in reliability_page.SECTIONS]
    assert places == sorted(places)
    assert "Not run yet" not in text


def test_a_section_replaces_the_one_before_and_no_other(tmp_path):
    page = tmp_path / "reliability.md"
    reliability_page.write("faults", ["all held"], page)
    before = page.read_text()
    reliability_page.write("soak", ["first"], page)
    reliability_page.write("soak", [r"second, with \1 and \n as they are"], page)
    text = page.read_text()
    assert text == before.replace(
        "**Not run yet**: `python -m benchmarks.soak`.", r"second, with \1 and \n as they are"
    )


def test_what_was_not_run_says_how(tmp_path):
    page = tmp_path / "reliability.md"
    reliability_page.write("soak", ["done"], page)
    assert "**Not run yet**: `python -m benchmarks.fuzz`." in page.read_text()
