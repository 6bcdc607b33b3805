"""Reading the published file of dlib's face-recognition ResNet, without dlib.

The file is a serialised C++ object, in which each tensor lies as raw numbers. As there is one such file, known by its
hash, the places of the tensors are written down here.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.errors import TrainingError

_SIZE = 22_466_066  # bytes
_PLACES = {  # convolution: its shape (out, in, h, w), and the first bytes of its filters and of its scales
    "conv32_down": ((32, 3, 7, 7), 352, 19400),
    "conv32_1.conv1": ((32, 32, 3, 3), 19826, 56920),
    "conv32_1.conv2": ((32, 32, 3, 3), 57289, 94383),
    "conv32_2.conv1": ((32, 32, 3, 3), 94796, 131890),
    "conv32_2.conv2": ((32, 32, 3, 3), 132259, 169353),
    "conv32_3.conv1": ((32, 32, 3, 3), 169766, 206860),
    "conv32_3.conv2": ((32, 32, 3, 3), 207229, 244323),
    "conv64_down.conv1": ((64, 32, 3, 3), 244736, 318822),
    "conv64_down.conv2": ((64, 64, 3, 3), 319447, 467261),
    "conv64_1.conv1": ((64, 64, 3, 3), 467987, 615801),
    "conv64_1.conv2": ((64, 64, 3, 3), 616426, 764240),
    "conv64_2.conv1": ((64, 64, 3, 3), 764909, 912723),
    "conv64_2.conv2": ((64, 64, 3, 3), 913348, 1061162),
    "conv64_3.conv1": ((64, 64, 3, 3), 1061831, 1209645),
    "conv64_3.conv2": ((64, 64, 3, 3), 1210270, 1358084),
    "conv128_down.conv1": ((128, 64, 3, 3), 1358754, 1654281),
    "conv128_down.conv2": ((128, 128, 3, 3), 1655419, 2245858),
    "conv128_1.conv1": ((128, 128, 3, 3), 2247097, 2837536),
    "conv128_1.conv2": ((128, 128, 3, 3), 2838674, 3429113),
    "conv128_2.conv1": ((128, 128, 3, 3), 3430295, 4020734),
    "conv128_2.conv2": ((128, 128, 3, 3), 4021872, 4612311),
    "conv256_down.conv1": ((256, 128, 3, 3), 4613493, 5794271),
    "conv256_down.conv2": ((256, 256, 3, 3), 5796435, 8156862),
    "conv256_1.conv1": ((256, 256, 3, 3), 8159127, 10519554),
    "conv256_1.conv2": ((256, 256, 3, 3), 10521718, 12882145),
    "conv256_2.conv1": ((256, 256, 3, 3), 12884353, 15244780),
    "conv256_2.conv2": ((256, 256, 3, 3), 15246944, 17607371),
}


def read_face_resnet(path: Path) -> dict[str, np.ndarray]:
    """Read the filters, biases and scales that `fill_face_resnet` takes, float32 by name.

    Raises:
        TrainingError: The file is missing or of another size.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TrainingError(f"{path}: cannot be read ({error.strerror})") from None
    if len(content) != _SIZE:
        raise TrainingError(f"{path}: has {len(content)} bytes, and the published file has {_SIZE}")

    def numbers(first: int, shape: tuple[int, ...]) -> np.ndarray:
        return np.frombuffer(content, "<f4", int(np.prod(shape)), first).reshape(shape)

    arrays = {}
    for name, (shape, filters, scales) in _PLACES.items():
        behind = 4 * int(np.prod(shape))
        arrays[f"{name}.conv.filters"] = numbers(filters, shape)
        arrays[f"{name}.conv.bias"] = numbers(filters + behind, shape[:1])
        arrays[f"{name}.scale.weights"] = numbers(scales, shape[:1])
        arrays[f"{name}.scale.biases"] = numbers(scales + 4 * shape[0], shape[:1])
    return arrays
