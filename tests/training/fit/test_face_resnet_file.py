"""The published file of dlib's face network: where its tensors lie, in a file made up here."""

import numpy as np
import pytest

from training.errors import TrainingError
from training.fit.face_resnet_file import read_face_resnet

SIZE, STEM = 22_466_066, 32 * 3 * 7 * 7


def test_tensors_lie_where_they_are_written_down(tmp_path):
    content = np.zeros(SIZE, np.uint8)
    content[352 : 352 + 4 * STEM] = np.frombuffer(np.arange(STEM, dtype="<f4").tobytes(), np.uint8)
    content[352 + 4 * STEM : 352 + 4 * STEM + 4] = np.frombuffer(np.float32(7).tobytes(), np.uint8)
    path = tmp_path / "face.dat"
    path.write_bytes(content.tobytes())
    arrays = read_face_resnet(path)
    assert arrays["conv32_down.conv.filters"].shape == (32, 3, 7, 7)
    assert arrays["conv32_down.conv.filters"][0, 0, 1, 0] == 7
    assert arrays["conv32_down.conv.bias"][0] == 7
    assert arrays["conv256_2.conv2.scale.biases"].shape == (256,)
    assert len(arrays) == 4 * 27


def test_another_file_is_refused(tmp_path):
    path = tmp_path / "face.dat"
    with pytest.raises(TrainingError, match="cannot be read"):
        read_face_resnet(path)
    path.write_bytes(b"short")
    with pytest.raises(TrainingError, match="has 5 bytes"):
        read_face_resnet(path)
