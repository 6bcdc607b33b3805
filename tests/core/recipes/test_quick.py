import numpy as np

from core.inference.artifact import Artifact
from core.model_store import folder_of


def test_a_picture_and_its_mirror_image_get_the_same_answer():
    artifact = Artifact(folder_of("quick"))
    pictures = np.random.default_rng(0).integers(0, 256, (4, 48, 48, 1), np.uint8)
    np.testing.assert_allclose(
        artifact.predict(pictures)["fer7"], artifact.predict(pictures[:, :, ::-1])["fer7"], atol=1e-4
    )
