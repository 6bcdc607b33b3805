import numpy as np
import pytest

from core.errors import VideoError
from core.video.writer import VideoWriter


def test_a_video_that_fails_is_not_there(tmp_path):
    def fail():
        with VideoWriter(tmp_path / "out.mp4") as writer:
            writer.write(np.zeros((32, 32, 3), np.uint8), 0.0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    with VideoWriter(tmp_path / "none.mp4"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_video_that_cannot_be_written_is_one_sentence(tmp_path):
    with pytest.raises(VideoError, match="cannot be written"), VideoWriter(tmp_path / "nowhere" / "out.mp4"):
        pass
