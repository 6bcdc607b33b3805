from benchmarks import wording


def test_a_missed_aim_is_said_as_plainly_as_one_that_is_met():
    assert wording.at_least("Speed", 8.2, 8, "x") == "Speed: 8.20x; the aim, at least 8x, is met."
    assert wording.at_least("Speed", 7.9, 8) == "Speed: 7.90; the aim, at least 8, is **missed**."
    assert "**missed**" in wording.at_most("Memory", 221, 220)
    assert "is met" in wording.at_most("Memory", 220, 220)


def test_who_is_worse_is_named():
    assert wording.compared("Size", 10, 25, "other") == "Size: Mien is better than other, 2.50 times."
    assert wording.compared("Size", 25, 10, "other") == "Size: **Mien is worse than other**, 2.50 times."
    assert "alike" in wording.compared("Size", 100, 101, "other")
    assert "**Mien is worse" in wording.compared("Faces", 1, 2, "other", low_is_good=False)
