import numpy as np

from training.evaluation.report import make_report, summary


def test_faces_not_found_stand_beside_the_headline():
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [np.nan, np.nan]])
    report = make_report(
        "public-test", ("a", "b"), np.array([0, 1, 1, 0]), probabilities, {"training": np.zeros(4, bool)}
    )
    headline, accuracy, found = summary("m", report).splitlines()[:3]
    assert "4 images" in headline
    assert "50.00%" in accuracy
    assert found.split(maxsplit=2)[2] == "75.00%  (66.67% of them right)"
