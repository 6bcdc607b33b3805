import errno
import io
import sys
from unittest.mock import Mock

import pytest

from core.cli.main import run as run_commands
from core.errors import SinkError


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (SinkError("faces.ods: has no known ending"), "error: faces.ods: has no known ending\n"),
        (OSError(errno.ENOSPC, "full", "faces.csv"), "error: faces.csv: "),
    ],
)
def test_mistakes_and_a_full_disk_end_any_command_line_with_a_sentence(error, sentence, capsys):
    with pytest.raises(SystemExit) as ended:
        run_commands(Mock(side_effect=error))
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(sentence)


def test_other_errors_pass_through():
    with pytest.raises(ConnectionError):
        run_commands(Mock(side_effect=ConnectionError()))


def test_what_the_screen_has_no_character_for_is_escaped(monkeypatch):
    screen = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", screen)
    run_commands(lambda: print("笑顔 caf\udce9.jpg", file=sys.stdout, flush=True))
    assert screen.buffer.getvalue().split() == [rb"\u7b11\u9854", rb"caf\udce9.jpg"]


def test_an_error_with_a_name_that_is_no_text_is_shown(capfd):
    with pytest.raises(SystemExit):
        run_commands(Mock(side_effect=SinkError("caf\udce9.ods: unknown")))
    assert capfd.readouterr().err == "error: caf\\xe9.ods: unknown\n"
