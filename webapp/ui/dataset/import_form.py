"""The form that imports a dataset: an upload, a path on the server, or a drawn sample."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory

import streamlit as st

from training.datasets.cartoon import write_sample
from training.datasets.formats import formats
from training.datasets.importing import import_sources
from training.datasets.incoming.classes import NUMBERS, Classes
from training.datasets.incoming.layout import Hints
from training.errors import DatasetError
from webapp.ui.shared import datasets
from webapp.ui.shared.background import Job, Progress, progress
from webapp.ui.shared.messages import escaped, show_error

_LARGEST_MB = 1000  # fer2013.csv has 300; Streamlit keeps an upload in memory
_LARGEST_VOTES_MB = 20
_UPLOADS = ["csv", "tsv", "txt", "json", "jsonl", "parquet", "zip", "tar", "gz", "tgz", "bz2", "xz"]
_JOB, _OUTCOME, _SAID = "dataset_import", "dataset_imported", "dataset_understood"

_HELP = "\n".join(
    [
        "A file or folder of one of these formats, or an archive of it (`.zip`, `.tar.gz`):",
        "",
        *(f"- **{each.name}**: {each.shape}" for each in formats()),
        "",
        "Small square pictures are used as face crops; in others the most prominent face is found and cut out.",
    ]
)


@dataclass(frozen=True)
class _Wishes:
    """What the form asks besides the files, as text."""

    split: str
    classes: str = ""
    sign: str = ""
    image: str = ""
    label: str = ""

    def hints(self) -> Hints:
        # A regular expression that somebody types could keep the server busy for hours, so the form takes a sign.
        person = re.compile(rf"([^/]+?){re.escape(self.sign)}[^/]*$") if self.sign else None
        return Hints(Classes.parse(self.classes), self.image.strip() or None, self.label.strip() or None, person)


def offer() -> None:
    """Show the form; during an import its progress and what is understood, and afterwards its outcome."""
    job: Job | None = st.session_state.get(_JOB)
    if job and not job.is_over():
        progress("Importing", job, can_cancel=True)
        _show_understood()
        return
    if job:
        st.session_state[_OUTCOME] = _ended(st.session_state.pop(_JOB))
    if outcome := st.session_state.get(_OUTCOME):
        is_error, text = outcome
        if is_error:
            show_error(text)
        else:
            st.success(escaped(text), icon=":material/check:")
        _show_understood()
    with st.expander("Import a dataset", icon=":material/upload:", expanded=not datasets.dataset_files()):
        _form()


def _ended(job: Job) -> tuple[bool, str]:
    if job.error:
        return True, job.error
    path, lines = job.result
    st.session_state["dataset"] = path
    return False, ". ".join(lines)


@st.fragment(run_every=1.0)
def _show_understood() -> None:
    """Show what the import has understood so far: it says so before it reads the pictures."""
    if said := st.session_state.get(_SAID):
        st.markdown("\n".join(f"- {escaped(line.strip())}" for line in said))


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
        key="import_way",
        persist_state="session",
    )
    ways[way]()
    st.caption(f"The faces are kept in `{datasets.OWN}/` on this machine, until you delete the file.")


def _upload() -> None:
    left, right = st.columns(2)
    file = left.file_uploader("Dataset", _UPLOADS, max_upload_size=_LARGEST_MB, help=_HELP)
    votes = right.file_uploader(
        "FER+ votes, if you have them",
        ["csv"],
        max_upload_size=_LARGEST_VOTES_MB,
        help="`fer2013new.csv`, for FER2013's csv only.",
    )
    name, wishes = _name_and_wishes(PurePath(file.name).name.partition(".")[0] if file else "")
    if st.button("Import", disabled=file is None, type="primary", icon=":material/play_arrow:", key="import_upload"):
        _start(name, lambda out, say, progress: _uploaded(file, votes, out, wishes, say, progress))


def _path() -> None:
    folders = ", ".join(f"`{root}/`" for root in datasets.roots())
    left, right = st.columns(2)
    source = left.text_input(
        "File or folder",
        placeholder=f"{datasets.OWN}/fer2013.csv.gz",
        help=_HELP,
        key="import_source",
        persist_state="session",
    )
    votes = right.text_input(
        "FER+ votes, if you have them",
        placeholder=f"{datasets.OWN}/fer2013new.csv",
        key="import_votes",
        persist_state="session",
    )
    st.caption(f"It must lie in {folders}; the variable `MIEN_DATASETS` names more folders.")
    name, wishes = _name_and_wishes(PurePath(source).name.partition(".")[0])
    if st.button("Import", disabled=not source, type="primary", icon=":material/play_arrow:", key="import_path"):
        _start(name, lambda out, say, progress: _from_path(source, votes, out, wishes, say, progress))


def _sample() -> None:
    st.markdown("350 cartoon faces in the seven expressions, to try everything with. They say nothing about people.")
    if st.button("Draw it", type="primary", icon=":material/draw:"):
        _start("sample", lambda out, say, progress: (out, [f"{write_sample(out)} drawings written to {out}"]))


def _name_and_wishes(name: str) -> tuple[str, _Wishes]:
    left, right = st.columns(2)
    chosen = left.text_input("Name", name, key=f"import_name_{name}", persist_state="session")
    split = right.text_input(
        "Shares of training, public-test and private-test",
        "80/10/10",
        help="For a source without splits of its own.",
        key="import_split",
        persist_state="session",
    )
    classes = left.text_input(
        "Classes, where their names do not tell",
        placeholder="Bored=neutral, Ahegao=-",
        help="The same as `--classes`: `-` leaves a class out. Of numbered classes, the expressions in their order "
        f"from 0, or whose numbers they are: {', '.join(NUMBERS)}.",
        key="import_classes",
        persist_state="session",
    )
    sign = right.text_input(
        "Person: what stands in a file's name before …",
        placeholder="_",
        max_chars=20,
        key="import_person",
        persist_state="session",
        help="Pictures of one person, or of one recording, stay in one split; otherwise a test is too easy. Folders of "
        "people, and the file names of CK+, JAFFE, KDEF and others, are known without this.",
    )
    image = left.text_input(
        "Column of pictures",
        placeholder="found by its name",
        help="For tables: `--image`.",
        key="import_image",
        persist_state="session",
    )
    label = right.text_input(
        "Column of classes",
        placeholder="found by its name",
        help="For tables: `--label`.",
        key="import_label",
        persist_state="session",
    )
    return chosen, _Wishes(split, classes, sign, image, label)


_Work = Callable[[Path, Callable[[str], None], Progress], tuple[Path, list[str]]]


def _start(name: str, work: _Work) -> None:
    st.session_state.pop(_OUTCOME, None)
    try:
        out = datasets.new_file(name)
    except DatasetError as error:
        show_error(error)
        return
    said: list[str] = []
    st.session_state[_SAID] = said
    st.session_state[_JOB] = Job(lambda progress: work(out, said.append, progress))
    st.rerun()


def _uploaded(
    file, votes, out: Path, wishes: _Wishes, say: Callable[[str], None], progress: Progress
) -> tuple[Path, list[str]]:
    """Import uploads, which Streamlit keeps in memory, from files in a private temporary folder."""
    with TemporaryDirectory(prefix="mien-") as folder:
        paths = [Path(folder) / PurePath(each.name).name for each in (file, votes) if each]
        for path, each in zip(paths, filter(None, (file, votes)), strict=True):
            path.write_bytes(each.getbuffer())
        try:
            return _imported(paths[0], paths[1] if votes else None, out, wishes, say, progress)
        except DatasetError as error:
            raise DatasetError(str(error).replace(f"{folder}/", "")) from None


def _from_path(
    source: str, votes: str, out: Path, wishes: _Wishes, say: Callable[[str], None], progress: Progress
) -> tuple[Path, list[str]]:
    ferplus = datasets.confined(votes) if votes else None
    return _imported(datasets.confined(source), ferplus, out, wishes, say, progress)


def _imported(
    source: Path, votes: Path | None, out: Path, wishes: _Wishes, say: Callable[[str], None], progress: Progress
) -> tuple[Path, list[str]]:
    result = import_sources([source], out, votes, split=wishes.split, hints=wishes.hints(), say=say, progress=progress)
    return out, [f"{result.count:,} images written to {out}", *result.remarks()]
