"""The transfer recipes: networks pretrained on ImageNet's photographs or on people's faces, fine-tuned on expressions.

Of `transfer-vgg16` and `transfer-resnet50`, only a new head is trained at first; then, from a named layer on, the
backbone too. Their batch normalisation is never trained: it keeps the statistics of ImageNet, as Keras's guide to
transfer learning advises. Without pretrained weights there is nothing to keep, and everything is trained from the first
epoch.

Of `transfer-efficientnet` and `transfer-face` everything is trained from the first epoch, batch normalisation too,
because grey faces of 48 pixels are far from photographs. They are made for one pass, without the mirror image.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import register
from .pretrained import EFFICIENTNET_LITE0, FACE_RESNET
from .recipe import Backbone, BackboneSettings, KerasFile, Recipe, setting

_NAME = "backbone"
_SITE = "https://storage.googleapis.com/tensorflow/keras-applications"
_BOTH = {"fer7": 7, "ferplus8": 8}
"""Numbers of labels by label set, of what answers in both."""


@dataclass(frozen=True)
class TransferSettings(BackboneSettings):
    """Settings that `transfer-vgg16` and `transfer-resnet50` share."""

    epochs: int = setting(20, least=1)
    learning_rate: float = setting(1e-4, least=0)
    dropout: float = setting(0.4, least=0, most=0.95, help="Share of the numbers left out during training.")
    side: int = setting(48, least=32, most=224, help="Side length that the crop is resized to, in pixels.")
    mirror: bool = setting(True, help="Answer with the mean over the picture and its mirror image.")


@dataclass(frozen=True)
class Vgg16Settings(TransferSettings):
    """Settings of `transfer-vgg16`."""

    thaw: str = setting(
        "block1_conv1",
        choices=tuple(f"block{number}_conv1" for number in range(1, 6)),
        help="First layer of the backbone that is fine-tuned; those before it stay as they are.",
    )


@dataclass(frozen=True)
class ResNet50Settings(TransferSettings):
    """Settings of `transfer-resnet50`."""

    side: int = setting(
        96,
        least=32,
        most=224,
        help="Side length that the crop is resized to, in pixels; 96 costs here what 48 does in VGG16.",
    )
    thaw: str = setting(
        "conv1_conv",
        choices=("conv1_conv", *(f"conv{stage}_block1_1_conv" for stage in range(2, 6))),
        help="First layer of the backbone that is fine-tuned; those before it stay as they are.",
    )


@dataclass(frozen=True)
class EfficientNetSettings(BackboneSettings):
    """Settings of `transfer-efficientnet`."""

    votes: float = setting(0.0, least=0, most=1)
    epochs: int = setting(12, least=1)
    learning_rate: float = setting(1.5e-3, least=0)
    weight_decay: float = setting(0.05, least=0)
    smoothing: float = setting(0.1, least=0, most=0.9)
    shift: float = setting(0.1, least=0, most=1)
    frozen_epochs: int = setting(0, least=0)
    dropout: float = setting(
        0.3, least=0, most=0.95, help="Share of the 1280 numbers of a face left out during training."
    )
    thaw: str = setting(
        "stem_conv",
        choices=("stem_conv", *(f"stage{stage}_block1_expand_conv" for stage in range(2, 8)), "head_conv"),
        help="First layer of the backbone that is fine-tuned; those before it stay as they are.",
    )
    side: int = setting(
        96, least=32, most=224, help="Side length that the crop is resized to, in pixels; it is halved five times."
    )
    webcam: bool = setting(True, help="Training jitter: lamps, tone curves and faces far away, besides the others.")


@dataclass(frozen=True)
class FaceSettings(EfficientNetSettings):
    """Settings of `transfer-face`."""

    learning_rate: float = setting(1e-3, least=0)
    dropout: float = setting(
        0.4, least=0, most=0.95, help="Share of the 256 numbers of a face left out during training."
    )
    thaw: str = setting(
        "stem_conv",
        choices=("stem_conv", "stage1_block1_1_conv", *(f"stage{stage}_down_1_conv" for stage in range(2, 5))),
        help="First layer of the backbone that is fine-tuned; those before it stay as they are.",
    )
    side: int = setting(
        112, least=72, most=224, help="Side length that the crop is resized to, in pixels; it is halved five times."
    )


def _build_vgg16(settings: Vgg16Settings):
    from keras.applications import vgg16

    return _network(settings, vgg16.VGG16, vgg16.preprocess_input)


def _build_resnet50(settings: ResNet50Settings):
    from keras.applications import resnet50

    return _network(settings, resnet50.ResNet50, resnet50.preprocess_input)


def _network(settings: TransferSettings, application, preprocess):
    """The untrained network: uint8 (n, 48, 48, 1) to logits {"fer7": (n, 7)}."""
    import keras
    from keras import layers

    from .layers.images import Jitter, MirrorAverage, Standardize, fused

    side = settings.side
    standard = keras.Input((48, 48, 1))
    x = Jitter(settings.rotation, settings.scale, settings.shift)(standard)
    grey = layers.Rescaling(58.0, 118.0)(layers.Resizing(side, side)(x))  # about a photograph's contrast and brightness
    x = preprocess(layers.Concatenate()([grey, grey, grey]))
    backbone = application(include_top=False, weights=None, input_shape=(side, side, 3), pooling="avg", name=_NAME)
    x = fused(backbone)(x)
    x = layers.Dropout(settings.dropout)(layers.Dense(256, activation="relu")(x))
    network = keras.Model(standard, layers.Dense(7, dtype="float32")(x), name="fer7")

    image = keras.Input((48, 48, 1), dtype="uint8", name="pixels")
    x = Standardize()(image)
    logits = MirrorAverage(network, name="fer7")(x) if settings.mirror else network(x)
    return keras.Model(image, {"fer7": logits}, name="transfer")


def _build_efficientnet(settings: EfficientNetSettings):
    from .layers.efficientnet import efficientnet_lite0

    return _whole(settings, efficientnet_lite0)


def _build_face(settings: FaceSettings):
    from .layers.face_resnet import face_resnet

    return _whole(settings, face_resnet)


def _whole(settings: EfficientNetSettings, trunk):
    """The untrained network: uint8 (n, 48, 48, 1) to logits {"fer7": (n, 7), "ferplus8": (n, 8)}."""
    import keras
    from keras import layers

    from .layers.images import Jitter, Standardize, Webcam

    image = keras.Input((48, 48, 1), dtype="uint8", name="pixels")
    x = Jitter(settings.rotation, settings.scale, settings.shift)(Standardize()(image))
    x = Webcam()(x) if settings.webcam else x
    x = layers.Resizing(settings.side, settings.side)(x)
    # The backbones expect standardised pictures. They take grey as one channel: the first layer's sum over the colours.
    x = trunk(keras.Input((settings.side, settings.side, 1)), _NAME)(x)
    x = layers.Dropout(settings.dropout)(x)
    logits = {name: layers.Dense(size, dtype="float32", name=name)(x) for name, size in _BOTH.items()}
    return keras.Model(image, logits, name="transfer")


def _fill_efficientnet(backbone, arrays, crops) -> None:
    from .layers.efficientnet import fill_efficientnet_lite0

    fill_efficientnet_lite0(backbone, arrays)


def _fill_face(backbone, arrays, crops) -> None:
    from .layers.face_resnet import fill_face_resnet

    fill_face_resnet(backbone, arrays, crops)


def _backbone(model):
    answer = model.get_layer("fer7")
    return getattr(answer, "network", answer).get_layer(_NAME)


_PUBLISHED = {
    "learning_rate": 1e-4,
    "schedule": "constant",
    "weight_decay": 0.0,
    "patience": 5,
    "balance": "weights",
    "votes": 0.0,
    "dropout": 0.5,
    "frozen_epochs": 5,
    "rotation": 10.0,
    "scale": 0.0,
    "shift": 0.1,
    "mirror": False,
}
_FROM_NOTHING = {"weights": "none", "epochs": 60, "weight_decay": 0.05}

register(
    Recipe(
        name="transfer-vgg16",
        summary="VGG16 from ImageNet (Simonyan and Zisserman 2015) with a new head, fine-tuned on the grey crop.",
        feature="pixels",
        label_sets=("fer7",),
        settings=Vgg16Settings,
        build=_build_vgg16,
        presets={"seed": _PUBLISHED | {"thaw": "block5_conv1"}, "scratch": _FROM_NOTHING | {"learning_rate": 2e-4}},
        backbone=Backbone(
            find=_backbone,
            published=KerasFile(
                url=f"{_SITE}/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
                md5="6d6bbae143d832006294945121d1f1fc",
            ),
        ),
    )
)
register(
    Recipe(
        name="transfer-resnet50",
        summary="ResNet-50 from ImageNet (He et al. 2016) with a new head, fine-tuned on the grey crop.",
        feature="pixels",
        label_sets=("fer7",),
        settings=ResNet50Settings,
        build=_build_resnet50,
        presets={
            "seed": _PUBLISHED | {"thaw": "conv5_block1_1_conv"},
            "scratch": _FROM_NOTHING | {"learning_rate": 1e-3},
        },
        backbone=Backbone(
            find=_backbone,
            published=KerasFile(
                url=f"{_SITE}/resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
                md5="4d473c1dd8becc155b73f8504c6f6626",
            ),
        ),
    )
)
register(
    Recipe(
        name="transfer-efficientnet",
        summary="EfficientNet-Lite0 from ImageNet (Tan and Le 2019) with new heads, fine-tuned on the grey crop.",
        feature="pixels",
        label_sets=tuple(_BOTH),
        settings=EfficientNetSettings,
        build=_build_efficientnet,
        backbone=Backbone(
            find=lambda model: model.get_layer(_NAME),
            published=EFFICIENTNET_LITE0,
            licence="Apache-2.0",
            fill=_fill_efficientnet,
            normalisation_learns=True,
        ),
    )
)
register(
    Recipe(
        name="transfer-face",
        summary="A ResNet that learnt to tell people apart (King 2017) with new heads, fine-tuned on the grey crop.",
        feature="pixels",
        label_sets=tuple(_BOTH),
        settings=FaceSettings,
        build=_build_face,
        backbone=Backbone(
            find=lambda model: model.get_layer(_NAME),
            published=FACE_RESNET,
            licence="CC0-1.0",
            fill=_fill_face,
            normalisation_learns=True,
        ),
    )
)
