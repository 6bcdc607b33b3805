"""The form that imports a dataset: an upload, a path on the server, or a drawn sample."""

from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory

import streamlit as st

from training.datasets.cartoon import write_sample
from training.datasets.importing import import_sources
from training.errors import DatasetError
from webapp.ui.shared import datasets
from webapp.ui.shared.background import Job, Progress, progress
from webapp.ui.shared.messages import escaped, show_error

_LARGEST_MB = 1000  # fer2013.csv has 300; Streamlit keeps an upload in memory
_LARGEST_VOTES_MB = 20
_JOB, _OUTCOME = "dataset_import", "dataset_imported"

_HELP = """
`fer2013.csv` (or `.csv.gz`), or a `.zip` or folder of one of these:

- folders named after expressions (`angry/`, `happy/`, …), perhaps inside `train/` and `test/`
- `images/PERSON/EXPRESSION.jpg` beside `emotions.csv`

Small square pictures are used as face crops; in others the most prominent face is found and cut out.
"""


def offer() -> None:
    """Show the form; during an import its progress, and afterwards its outcome."""
    job: Job | None = st.session_state.get(_JOB)
    if job and not job.is_over():
        progress("Importing", job, can_cancel=True)
        return
    if job:
        st.session_state[_OUTCOME] = _ended(st.session_state.pop(_JOB))
    if outcome := st.session_state.get(_OUTCOME):
        show, text = outcome
        show(escaped(text))
    with st.expander("Import a dataset", icon=":material/upload:", expanded=not datasets.dataset_files()):
        _form()


def _ended(job: Job) -> tuple[Callable, str]:
    if job.error:
        return partial(st.error, icon=":material/error:"), job.error
    path, lines = job.result
    st.session_state["dataset"] = path
    return partial(st.success, icon=":material/check:"), ". ".join(lines)


def _form() -> None:
    ways = {"Upload": _upload, "Path": _path, "Sample": _sample}
    icons = {"Upload": ":material/upload:", "Path": ":material/folder_open:", "Sample": ":material/draw:"}
    way = st.segmented_control(
        "Where it comes from",
        list(ways),
        format_func=lambda name: f"{icons[name]} {name}",
        default="Upload",
        required=True,
        label_visibility="collapsed",
    )
    ways[way]()
    st.caption(f"The faces are kept in `{datasets.OWN}/` on this machine, until you delete the file.")


def _upload() -> None:
    left, right = st.columns(2)
    file = left.file_uploader("Dataset", ["csv", "gz", "zip"], max_upload_size=_LARGEST_MB, help=_HELP)
    votes = right.file_uploader(
        "FER+ votes, if you have them",
        ["csv"],
        max_upload_size=_LARGEST_VOTES_MB,
        help="`fer2013new.csv`, for FER2013's csv only.",
    )
    name, split = _name_and_split(PurePath(file.name).name.partition(".")[0] if file else "")
    if st.button("Import", disabled=file is None, type="primary", icon=":material/play_arrow:", key="import_upload"):
        _start(name, lambda out, progress: _uploaded(file, votes, out, split, progress))


def _path() -> None:
    folders = ", ".join(f"`{root}/`" for root in datasets.roots())
    left, right = st.columns(2)
    source = left.text_input("File or folder", placeholder=f"{datasets.OWN}/fer2013.csv.gz", help=_HELP)
    votes = right.text_input("FER+ votes, if you have them", placeholder=f"{datasets.OWN}/fer2013new.csv")
    st.caption(f"It must lie in {folders}; the variable `MIEN_DATASETS` names more folders.")
    name, split = _name_and_split(PurePath(source).name.partition(".")[0])
    if st.button("Import", disabled=not source, type="primary", icon=":material/play_arrow:", key="import_path"):
        _start(name, lambda out, progress: _from_path(source, votes, out, split, progress))


def _sample() -> None:
    st.markdown("350 cartoon faces in the seven expressions, to try everything with. They say nothing about people.")
    if st.button("Draw it", type="primary", icon=":material/draw:"):
        _start("sample", lambda out, progress: (out, [f"{write_sample(out)} drawings written to {out}"]))


def _name_and_split(name: str) -> tuple[str, str]:
    left, right = st.columns(2)
    chosen = left.text_input("Name", name, key=f"dataset_name_{name}")
    split = right.text_input(
        "Shares of training, public-test and private-test",
        "80/10/10",
        help="For a source without splits of its own.",
    )
    return chosen, split


def _start(name: str, work: Callable[[Path, Progress], tuple[Path, list[str]]]) -> None:
    st.session_state.pop(_OUTCOME, None)
    try:
        out = datasets.new_file(name)
    except DatasetError as error:
        show_error(error)
        return
    st.session_state[_JOB] = Job(lambda progress: work(out, progress))
    st.rerun()


def _uploaded(file, votes, out: Path, split: str, progress: Progress) -> tuple[Path, list[str]]:
    """Import uploads, which Streamlit keeps in memory, from files in a private temporary folder."""
    with TemporaryDirectory(prefix="mien-") as folder:
        paths = [Path(folder) / PurePath(each.name).name for each in (file, votes) if each]
        for path, each in zip(paths, filter(None, (file, votes)), strict=True):
            path.write_bytes(each.getbuffer())
        try:
            return _imported(paths[0], paths[1] if votes else None, out, split, progress)
        except DatasetError as error:
            raise DatasetError(str(error).replace(f"{folder}/", "")) from None


def _from_path(source: str, votes: str, out: Path, split: str, progress: Progress) -> tuple[Path, list[str]]:
    ferplus = datasets.confined(votes) if votes else None
    return _imported(datasets.confined(source), ferplus, out, split, progress)


def _imported(source: Path, votes: Path | None, out: Path, split: str, progress: Progress) -> tuple[Path, list[str]]:
    result = import_sources([source], out, votes, split=split, progress=progress)
    return out, [f"{result.count:,} images written to {out}", *result.remarks()]
