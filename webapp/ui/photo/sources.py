"""The sources of pictures: files, the camera, a sample."""

from dataclasses import dataclass, field

import streamlit as st

from core.faces.finder import Search
from core.images import PICTURE_SUFFIXES
from webapp.ui.photo import samples
from webapp.ui.shared import deployment, messages

_COMMON = (".jpg", ".png", ".webp", ".heic")  # named first: the uploader shows the beginning of the list
FILE_TYPES = [*_COMMON, *sorted(PICTURE_SUFFIXES.difference(_COMMON))]
_UPLOADER, _KEPT = "photo_uploader", "photo_kept"  # keys of the session
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
    with st.expander("Personal baseline", key="photo_baseline", icon=":material/self_improvement:"):
        st.caption(
            "Faces differ at rest: some look stern or sad to a model. Where all photos are of one person, give one of "
            "the neutral face too, and the others are read as changes from it."
        )
        file = st.file_uploader(
            "A photo of the person at rest",
            FILE_TYPES,
            max_upload_size=_LARGEST_MB,
            label_visibility="collapsed",
        )
    return Photo(file.name, file.getvalue()) if file else None


def _from_files() -> list[Photo]:
    files = st.file_uploader(
        "Photos",
        FILE_TYPES,
        accept_multiple_files=True,
        max_upload_size=_LARGEST_MB,
        label_visibility="collapsed",
        key=_UPLOADER,
        on_change=_keep,
    )
    photos = st.session_state.get(_KEPT, [])
    if photos and not files:
        count = "The photo" if len(photos) == 1 else f"The {len(photos)} photos"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{count} that you gave before.")
            st.button("Clear", on_click=_forget, icon=":material/close:")
    elif not photos:
        st.info(
            "Drop one or more photos with faces above, or choose **Sample** to see how it works.",
            icon=":material/add_photo_alternate:",
        )
    if deployment.is_public() and len(photos) > _MOST_FROM_STRANGERS:
        st.warning(f"Only the first {_MOST_FROM_STRANGERS} photos are read here.", icon=":material/photo_library:")
    return photos[:_MOST_FROM_STRANGERS] if deployment.is_public() else photos


def _keep() -> None:
    """Hold on to what was uploaded, for the uploader is empty when the viewer comes back from another page."""
    st.session_state[_KEPT] = [Photo(file.name, file.getvalue()) for file in st.session_state[_UPLOADER]]


def _forget() -> None:
    del st.session_state[_KEPT]


def _from_camera() -> list[Photo]:
    if not messages.camera_consent():
        return []
    snapshot = st.camera_input("Snapshot", label_visibility="collapsed", width=640)
    return [Photo("snapshot.jpg", snapshot.getvalue())] if snapshot else []


def _sample() -> list[Photo]:
    sample = samples.choose()
    st.caption(sample.about)
    return [Photo(sample.path.name.partition("-")[2], sample.path.read_bytes())]
