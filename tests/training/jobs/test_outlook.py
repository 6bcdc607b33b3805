import json
import os
import time
from datetime import UTC, datetime, timedelta

from training.jobs.outlook import outlook
from training.runs.folder import CURVES, PLAN, write_history

NOW = datetime.now(UTC)


def begun(folder, **settings):
    (folder / PLAN).write_text(json.dumps({"recipe": "any", "settings": settings}))


def test_before_it_has_begun_nothing_is_known(tmp_path):
    far = outlook(tmp_path, NOW)
    assert (far.rows, far.epochs, far.seconds_left) == ((), None, None)


def test_in_the_first_epoch_nobody_knows_how_long(tmp_path):
    begun(tmp_path, epochs=5)
    far = outlook(tmp_path, NOW)
    assert (far.epochs, far.seconds_left) == (5, None)


def test_what_is_left_shrinks_while_an_epoch_lasts(tmp_path):
    begun(tmp_path, epochs=5)
    write_history(tmp_path, [{"epoch": 1, "loss": 2.0, "val_accuracy": 0.5, "seconds": 1000}])
    ago = time.time() - 300
    os.utime(tmp_path / CURVES, (ago, ago))
    far = outlook(tmp_path, NOW - timedelta(hours=1))
    assert far.rows[0]["val_accuracy"] == 0.5
    assert 3650 < far.seconds_left <= 3700


def test_a_run_that_is_gone_on_with_begins_its_epoch_anew(tmp_path):
    begun(tmp_path, epochs=2)
    write_history(tmp_path, [{"epoch": 1, "seconds": 1000}])
    os.utime(tmp_path / CURVES, (0, 0))
    assert outlook(tmp_path, datetime.now(UTC)).seconds_left > 900


def test_a_fit_in_one_go_has_no_epochs(tmp_path):
    begun(tmp_path, components=50)
    write_history(tmp_path, [{"epoch": 1, "val_accuracy": 0.5, "seconds": 10}])
    assert outlook(tmp_path, NOW).epochs is None
