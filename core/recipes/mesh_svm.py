"""`mesh-svm`: a support vector machine on the points of the face mesh."""

from __future__ import annotations

from dataclasses import dataclass

from . import register
from .recipe import Recipe, Settings, setting


@dataclass(frozen=True)
class MeshSvmSettings(Settings):
    """Settings of `mesh-svm`."""

    votes: float = setting(0.0, least=0, most=1)
    feature: str = setting(
        "mesh",
        choices=("mesh", "distances"),
        help="Form of the mesh that the model reads: its points, or their distances to the tip of the nose.",
    )
    components: int = setting(150, least=1, help="Number of principal components that are kept of the mesh.")
    whiten: bool = setting(
        True,
        help="Let every component weigh the same: expressions lie in small movements, and the large ones are the pose.",
    )
    C: float = setting(
        3.0,
        least=1e-6,
        help="Cost of an error; the larger, the closer the border between two classes follows the examples.",
    )


def build(settings: MeshSvmSettings):
    """The unfitted pipeline: rows of numbers to the margins (n, 21) between any two of the seven labels.

    It ends in support vector machines (Cortes and Vapnik 1995), one for each two labels, with a radial basis kernel as
    wide as the data.
    """
    from sklearn.decomposition import PCA
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    return make_pipeline(
        StandardScaler(),
        PCA(settings.components, whiten=settings.whiten, svd_solver="covariance_eigh"),
        SVC(C=settings.C, decision_function_shape="ovo", cache_size=1000),
    )


register(
    Recipe(
        name="mesh-svm",
        summary="A support vector machine on the 468 points of the face mesh, by scikit-learn.",
        feature="mesh",
        label_sets=("fer7",),
        settings=MeshSvmSettings,
        build=build,
        presets={"seed": {"feature": "distances", "components": 50, "whiten": False, "C": 5.0}},
        trainer="scikit",
    )
)
