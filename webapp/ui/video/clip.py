"""The first steps with clips: upload, settings, and the progress of reading them one after the other."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.errors import MienError, VideoError
from core.video.decoder import CLIP_SUFFIXES
from webapp.ui.shared import deployment, engine
from webapp.ui.shared.messages import escaped, show_error
from webapp.ui.video.job import ClipSettings, VideoJob

FILE_TYPES = sorted(CLIP_SUFFIXES)
_LARGEST = {True: 100, False: 1000}  # megabytes, by whether the server is public; Streamlit keeps an upload in memory
_MOST = {True: 4, False: 50}  # clips of one visitor at a time, which lie on the server's disk; likewise
_REFRESH_S = 0.5
_PREVIEW = 220  # pixels


class Desk:
    """Holds the clips of a visitor, in the order in which they came.

    Attributes:
        jobs: The clips.
        problems: Why files of the last upload were not taken, in sentences.
        uploads: Number of uploads so far; each gets an uploader of its own, so that the next one begins empty.
    """

    def __init__(self) -> None:
        self.jobs: list[VideoJob] = []
        self.problems: list[str] = []
        self.uploads = 0

    def take(self, files: Iterable[UploadedFile], most: int) -> None:
        """Put clips on the desk, as long as there are no more than `most`, and note why others are not taken."""
        self.problems = []
        for file in files:
            try:
                if len(self.jobs) >= most:
                    raise VideoError(f"{file.name}: {most} clips are here already; remove one and add this one again")
                self.jobs.append(VideoJob(file.name, file.getbuffer()))
            except MienError as error:
                self.problems.append(str(error))
        self.uploads += 1

    def chosen(self) -> VideoJob | None:
        """Return the clip that the visitor looks at; the first unless another was chosen, None if there is none."""
        run = st.session_state.get(_CHOSEN)
        return next((job for job in self.jobs if job.number == run), self.jobs[0] if self.jobs else None)

    def remove(self, job: VideoJob) -> None:
        """Take a clip off the desk and delete it with everything made from it."""
        job.close()
        self.jobs.remove(job)

    def clear(self) -> None:
        """Remove all clips."""
        for job in list(self.jobs):
            self.remove(job)


_CHOSEN = "video_chosen"


# Released when the visitor leaves, so that no clip stays.
@st.cache_resource(scope="session", show_spinner=False, on_release=Desk.clear)
def desk() -> Desk:
    """Return the visitor's own desk."""
    return Desk()


def choose(own: Desk) -> None:
    """Ask for clips, and put on the desk those that can be read."""
    if own.jobs:
        with st.popover("Add clips", icon=":material/add:"):
            _upload(own)
    else:
        _upload(own)
        st.info(
            "Drop one clip with faces above, or several. They are read on this machine, in a private folder that is "
            "deleted afterwards.",
            icon=":material/movie:",
        )
    for problem in own.problems:
        show_error(problem, icon=":material/broken_image:")


def _upload(own: Desk) -> None:
    is_public = deployment.is_public()
    files = st.file_uploader(
        "Videos",
        FILE_TYPES,
        accept_multiple_files=True,
        max_upload_size=_LARGEST[is_public],
        label_visibility="collapsed",
        key=f"video_file_{own.uploads}",
    )
    if files:
        own.take(files, _MOST[is_public])
        st.rerun()


def show_clips(own: Desk) -> None:
    """Show which clips are on the desk, each with its state, when there are several."""
    if len(own.jobs) > 1:
        busy = _busy(own)
        st.fragment(_list, run_every=_REFRESH_S if busy else None)(own, busy)


def _busy(own: Desk) -> int:
    return sum(job.progress is not None for job in own.jobs)


def _list(own: Desk, busy: int) -> None:
    if _busy(own) != busy:  # one is done, and the rest of the page does not know it
        st.rerun()
    chosen = own.chosen()
    with st.container(border=True, gap="xsmall"):
        for job in own.jobs:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                if st.button(
                    escaped(job.name),
                    key=f"video_choose_{job.number}",
                    type="primary" if job is chosen else "tertiary",
                    icon=":material/movie:",
                ):
                    st.session_state[_CHOSEN] = job.number
                    st.rerun()
                st.caption(_state(job), width="content")


def _state(job: VideoJob) -> str:
    if job.error:
        return f":red[{escaped(job.error)}]"
    if job.progress is not None:
        return "waiting" if job.is_waiting else f"reading, {job.progress:.0%}"
    return "read" if job.result is not None else "not read yet"


def show_clip(own: Desk, job: VideoJob) -> None:
    """Show what is known of a clip, with buttons to read it again or to remove it."""
    info = job.info
    facts = [f"{info.width}x{info.height}", f"{info.rate:.3g} frames per second"]
    if info.duration_s is not None:
        facts.insert(0, f"{info.duration_s:.1f} s")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/movie: **{escaped(job.name)}** · {' · '.join(facts)}")
        if job.result is not None:
            st.button("Read again", on_click=job.discard, icon=":material/tune:", help="With other settings")
        st.button(
            "Remove clip", on_click=own.remove, args=(job,), icon=":material/delete:",
            help="Deletes this clip and its results",
        )  # fmt: skip
        choose(own)


def set_up(own: Desk, job: VideoJob, model: str) -> None:
    """Show the settings, and the buttons that start the reading of this clip or of all that are not read."""
    if job.error:
        show_error(job.error)
    unread = [each for each in own.jobs if each.result is None and each.progress is None]
    with st.container(border=True):
        part = _part(job)
        left, middle, right = st.columns(3)
        every_n = left.select_slider(
            "Read", [1, 2, 3, 5, 10, 15, 30], format_func=_every, key="video_every", persist_state="session"
        )
        smoothing_s = middle.slider(
            "Smoothing", 0.0, 2.0, ClipSettings.smoothing_s, step=0.1, format="%.1f s",
            help="Time over which expressions are averaged: longer is steadier, shorter is quicker to follow.",
            key="video_smoothing", persist_state="session",
        )  # fmt: skip
        thorough = right.toggle(
            "Look for small faces", help="Searches each picture in parts. Many times slower.",
            key="video_thorough", persist_state="session",
        )  # fmt: skip
        settings = ClipSettings(every_n, *part, "thorough" if thorough else "quick", smoothing_s)
        with st.container(horizontal=True):
            st.button(
                "Read the clip", on_click=_start, args=([job], model, settings), type="primary",
                icon=":material/play_arrow:",
            )  # fmt: skip
            if len(unread) > 1:
                st.button(
                    f"Read all {len(unread)} clips", on_click=_start, args=(unread, model, settings),
                    icon=":material/playlist_play:",
                    help="One after the other, with these settings. The part of a clip is chosen for this one only; "
                    "the others are read from beginning to end.",
                )  # fmt: skip


def _part(job: VideoJob) -> tuple[float, float | None]:
    """Let the viewer choose the part of a clip, in seconds, and show its first and its last picture."""
    length = job.info.duration_s
    if not length or length <= 1:
        return 0.0, None
    from_s, to_s = st.slider(
        "Part of the clip", 0.0, length, (0.0, length), step=0.1, format="%.1f s",
        key=f"video_part_{job.number}", persist_state="session",
    )  # fmt: skip
    shown = {f"Begins at {from_s:.1f} s": from_s, f"Ends at {to_s:.1f} s": to_s - 1.5 / job.info.rate}
    with st.container(horizontal=True):
        for caption, moment_s in shown.items():
            picture = job.picture_at(moment_s)
            if picture is not None:
                st.image(picture, caption, width=_PREVIEW)
    return from_s, to_s if to_s < length else None


def _start(jobs: Sequence[VideoJob], model: str, settings: ClipSettings) -> None:
    """Read clips one after the other; the part that the settings name is one of the clip that is looked at."""
    desk().problems = []
    chosen, before = desk().chosen(), None
    for job in jobs:
        try:
            own = settings if job is chosen else replace(settings, from_s=0.0, to_s=None)
            job.start(engine.recognizer(model), own, before)
        except MienError as error:
            job.error = str(error)
        else:
            before = job


@st.fragment(run_every=_REFRESH_S)
def show_progress(job: VideoJob) -> None:
    """Show the progress of the reading, until it ends."""
    progress = job.progress
    if progress is None:
        st.rerun()
    if job.is_waiting:
        st.progress(0.0, "Waiting for another clip to be read …")
        st.button("Cancel", on_click=job.cancel, icon=":material/close:")
        return
    left = "" if job.left_s is None else f", {_duration(job.left_s)} left"
    far = f"{job.read_s:.1f} s so far" if job.info.duration_s is None else f"{progress:.0%}{left}"
    st.progress(progress, f"Reading … {far}")
    st.button("Cancel", on_click=job.cancel, icon=":material/close:")


def _every(n: int) -> str:
    return "every picture" if n == 1 else f"every {n}{'rd' if n == 3 else 'nd' if n == 2 else 'th'} picture"


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
