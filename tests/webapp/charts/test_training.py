from webapp.charts.training import accuracies, losses

ROWS = [
    {"epoch": 1, "loss": 2.0, "val_loss": 2.5, "val_accuracy": 0.3},
    {"epoch": 2, "loss": 1.0, "val_loss": 1.5, "val_accuracy": 0.5},
    {"epoch": 3, "loss": 0.5, "val_loss": 1.6, "val_accuracy": 0.4},
]


def test_losses_on_what_is_learnt_and_on_what_is_chosen():
    one = losses({"mine": ROWS}, "PublicTest")
    assert [(line.name, line.y) for line in one.data] == [
        ("PublicTest", (2.5, 1.5, 1.6)),
        ("training", (2.0, 1.0, 0.5)),
    ]
    two = losses({"mine": ROWS, "yours": ROWS}, "PublicTest")
    assert [line.name for line in two.data][::2] == ["mine, PublicTest", "yours, PublicTest"]
    assert len({line.line.color for line in two.data}) == 2


def test_a_star_at_the_best_epoch():
    line, star = accuracies({"mine": ROWS}, "PublicTest").data
    assert line.y == (0.3, 0.5, 0.4)
    assert (star.x, star.text) == ((2,), ("50.0%",))


def test_a_run_without_a_loss_or_without_an_epoch_draws_what_it_has():
    scikit = {"svm": [{"epoch": 1, "val_accuracy": 0.6}], "begun": []}
    assert not losses(scikit, "PublicTest").data
    assert [trace.y for trace in accuracies(scikit, "PublicTest").data] == [(0.6,), (0.6,)]
