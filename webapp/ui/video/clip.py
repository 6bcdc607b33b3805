"""The first steps with a clip: upload, settings, and the progress of reading it."""

import streamlit as st

from core.errors import MienError
from core.video.decoder import CLIP_SUFFIXES
from webapp.ui.shared import deployment, engine
from webapp.ui.shared.messages import escaped, show_error
from webapp.ui.video.job import ClipSettings, VideoJob

FILE_TYPES = sorted(CLIP_SUFFIXES)
_LARGEST = {True: 100, False: 1000}  # megabytes, by whether the server is public; Streamlit keeps an upload in memory
_REFRESH_S = 0.5


class Desk:
    """Holds the one clip of a visitor.

    Attributes:
        job: The clip; None if there is none.
        clips: Number of clips so far; each gets an uploader of its own, so that the next one begins empty.
    """

    def __init__(self) -> None:
        self.job: VideoJob | None = None
        self.clips = 0

    def take(self, job: VideoJob) -> None:
        """Put a clip on the desk."""
        self.job = job
        self.clips += 1

    def clear(self) -> None:
        """Take the clip off the desk and delete it with everything made from it."""
        if self.job:
            self.job.close()
        self.job = None


# Released when the visitor leaves, so that no clip stays.
@st.cache_resource(scope="session", show_spinner=False, on_release=Desk.clear)
def desk() -> Desk:
    """Return the visitor's own desk."""
    return Desk()


def choose(own: Desk) -> None:
    """Ask for a clip, and put it on the desk if it can be read."""
    file = st.file_uploader(
        "Video",
        FILE_TYPES,
        max_upload_size=_LARGEST[deployment.is_public()],
        label_visibility="collapsed",
        key=f"video_file_{own.clips}",
    )
    if file is None:
        st.info(
            "Drop a clip with faces above. It is read on this machine, in a private folder that is deleted afterwards.",
            icon=":material/movie:",
        )
        return
    try:
        own.take(VideoJob(file.name, file.getbuffer()))
    except MienError as error:
        show_error(error, icon=":material/broken_image:")
    else:
        st.rerun()


def show_clip(own: Desk) -> None:
    """Show which clip is on the desk, with buttons to read it again or to take another."""
    info = own.job.info
    facts = [f"{info.width}x{info.height}", f"{info.rate:.3g} pictures a second"]
    if info.duration_s is not None:
        facts.insert(0, f"{info.duration_s:.1f} s")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/movie: **{escaped(own.job.name)}** · {' · '.join(facts)}")
        if own.job.result is not None:
            st.button("Read again", on_click=own.job.discard, icon=":material/tune:", help="With other settings")
        st.button(
            "Another clip", on_click=own.clear, icon=":material/delete:", help="Deletes this clip and its results"
        )


def set_up(job: VideoJob, model: str) -> None:
    """Show the settings, and the button that starts the reading."""
    if job.error:
        show_error(job.error)
    with st.container(border=True):
        length = job.info.duration_s
        part = (0.0, None)
        if length and length > 1:
            chosen = st.slider("Part of the clip", 0.0, length, (0.0, length), step=0.1, format="%.1f s")
            part = (chosen[0], chosen[1] if chosen[1] < length else None)
        left, middle, right = st.columns(3)
        every_n = left.select_slider("Read", [1, 2, 3, 5, 10, 15, 30], format_func=_every)
        smoothing_s = middle.slider(
            "Smoothing", 0.0, 2.0, ClipSettings.smoothing_s, step=0.1, format="%.1f s",
            help="Time over which expressions are averaged: longer is steadier, shorter is quicker to follow.",
        )  # fmt: skip
        thorough = right.toggle("Look for small faces", help="Searches each picture in parts. Many times slower.")
        settings = ClipSettings(every_n, *part, "thorough" if thorough else "quick", smoothing_s)
        st.button(
            "Read the clip",
            on_click=_start,
            args=(job, model, settings),
            type="primary",
            icon=":material/play_arrow:",
        )


def _start(job: VideoJob, model: str, settings: ClipSettings) -> None:
    try:
        job.start(engine.recognizer(model), settings)
    except MienError as error:
        job.error = str(error)


@st.fragment(run_every=_REFRESH_S)
def show_progress(job: VideoJob) -> None:
    """Show the progress of the reading, until it ends."""
    progress = job.progress
    if progress is None:
        st.rerun()
    left = "" if job.left_s is None else f", {_duration(job.left_s)} left"
    far = f"{job.read_s:.1f} s so far" if job.info.duration_s is None else f"{progress:.0%}{left}"
    st.progress(progress, f"Reading … {far}")
    st.button("Cancel", on_click=job.cancel, icon=":material/close:")


def _every(n: int) -> str:
    return "every picture" if n == 1 else f"every {n}{'rd' if n == 3 else 'nd' if n == 2 else 'th'} picture"


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
