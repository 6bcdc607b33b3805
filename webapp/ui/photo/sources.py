"""The sources of pictures: files, the camera, a sample."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import streamlit as st

from core.faces.finder import Search
from core.images import PICTURE_SUFFIXES
from webapp.ui.photo import samples
from webapp.ui.shared import deployment, messages

_COMMON = (".jpg", ".png", ".webp", ".heic")  # named first: the uploader shows the beginning of the list
FILE_TYPES = [*_COMMON, *sorted(PICTURE_SUFFIXES.difference(_COMMON))]
_LARGEST_MB = 20  # the limit of core/images.py
_MOST_FROM_STRANGERS = 20  # photos at once on a public server; there is no limit on a private one


@dataclass(frozen=True)
class Photo:
    """An encoded picture and the name it is shown under."""

    name: str
    data: bytes = field(repr=False)


def choose() -> list[Photo]:
    """Let the viewer choose pictures; the list is empty until there is one."""
    sources = {
        "Files": (":material/upload:", _from_files),
        "Camera": (":material/photo_camera:", _from_camera),
        "Sample": (":material/rocket_launch:", _sample),
    }
    source = st.segmented_control(
        "Where the picture comes from",
        list(sources),
        format_func=lambda name: f"{sources[name][0]} {name}",
        default="Files",
        required=True,
        label_visibility="collapsed",
        key="photo_source",
        persist_state="session",
    )
    return sources[source][1]()


def search() -> Search:
    """Let the viewer say that each picture is one face, in which none has to be searched for."""
    is_face = st.checkbox(
        "Each picture is one face already",
        key="photo_is_face",
        persist_state="session",
        help="For pictures that were cut out before, as those of datasets are: the whole picture is read, and no face "
        "is searched for.",
    )
    return "crop" if is_face else "thorough"


def neutral() -> Photo | None:
    """Let the viewer give a photo of a person's neutral face for a personal baseline; None without one."""
    key = "photo_neutral"
    with st.expander(
        "Personal baseline", bool(st.session_state.get(key)), key="photo_baseline", icon=":material/self_improvement:"
    ):
        st.caption(
            "Faces differ at rest: some look stern or sad to a model. Where all photos are of one person, give one of "
            "the neutral face too, and the others are read as changes from it."
        )
        photos = _kept(key, _uploader("A photo of the person at rest"))
    return photos[0] if photos else None


def _from_files() -> list[Photo]:
    photos = _kept("photo_files", _uploader("Photos", accept_multiple_files=True))
    if not photos:
        st.info(
            "Drop one or more photos with faces above, or choose **Sample** to see how it works.",
            icon=":material/add_photo_alternate:",
        )
    if deployment.is_public() and len(photos) > _MOST_FROM_STRANGERS:
        st.warning(f"Only the first {_MOST_FROM_STRANGERS} photos are read here.", icon=":material/photo_library:")
    return photos[:_MOST_FROM_STRANGERS] if deployment.is_public() else photos


def _from_camera() -> list[Photo]:
    camera = partial(st.camera_input, "Snapshot", label_visibility="collapsed", width=640)
    kept = _kept("photo_snapshot", camera if messages.camera_consent() else None)
    return [replace(photo, name="snapshot.jpg") for photo in kept]


def _uploader(label: str, **options) -> Callable:
    return partial(
        st.file_uploader,
        label,
        FILE_TYPES,
        max_upload_size=_LARGEST_MB,
        label_visibility="collapsed",
        **options,
    )


def _kept(key: str, ask: Callable | None) -> list[Photo]:
    """The photos that the viewer gives, or gave before, for what takes files is empty after a visit to another page.

    Args:
        key: Name of the photos in the session's state.
        ask: Shows what takes them; None if it is not to be shown now.
    """
    given = ask(key=f"{key}_given", on_change=_keep, args=(key,)) if ask else None
    photos = st.session_state.get(key, [])
    if photos and not given:
        count = "The photo" if len(photos) == 1 else f"The {len(photos)} photos"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{count} that you gave before.")
            st.button("Clear", on_click=_forget, args=(key,), key=f"{key}_clear", icon=":material/close:")
    return photos


def _keep(key: str) -> None:
    given = st.session_state[f"{key}_given"] or []
    files = given if isinstance(given, list) else [given]
    st.session_state[key] = [Photo(file.name, file.getvalue()) for file in files]


def _forget(key: str) -> None:
    del st.session_state[key]


def _sample() -> list[Photo]:
    sample = samples.choose()
    st.caption(sample.about)
    return [Photo(sample.path.name.partition("-")[2], sample.path.read_bytes())]
