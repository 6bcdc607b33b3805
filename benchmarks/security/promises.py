"""What Mien promises of safety and privacy, and the tests that could break each promise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Promise:
    """One promise to users.

    Attributes:
        what: The promise, a sentence without its full stop.
        how: How the tests check it.
        tests: `FILE::FUNCTION` of each test that could break it.
    """

    what: str
    how: str
    tests: tuple[str, ...]


_CODE, _PAGES, _SPACE = (
    "tests/test_security.py",
    "tests/webapp/browser/test_privacy.py",
    "tests/webapp/space/test_app.py",
)
_ZIP, _RUNNERS = "tests/training/datasets/test_untrusted.py", "tests/core/inference/test_scikit.py"

PROMISES = (
    Promise(
        "No pickle, no `eval`, no shell, no XML from elsewhere, no Keras model outside safe mode",
        "the syntax tree of every file of the project is searched, and the search is tried on code that has each; a "
        "library's own pickling between the processes that it starts (joblib, Dask) reads no file from outside",
        (f"{_CODE}::test_no_pickle_no_eval_no_shell_no_xml", f"{_CODE}::test_the_check_above_would_see"),
    ),
    Promise(
        "No model or array brings code: skops trusts listed types only, `.npz` without objects, Keras without lambdas",
        "a model folder, a pack and a foreign model that try to",
        (
            f"{_RUNNERS}::test_nothing_that_is_not_trusted_is_loaded",
            f"{_RUNNERS}::test_trees_are_not_trusted",
            f"{_RUNNERS}::test_an_altered_pipeline_is_refused",
            f"{_RUNNERS}::test_an_archive_that_unpacks_to_too_much_is_not_unpacked",
            "tests/training/fit/test_pack.py::test_what_is_no_pack_or_damaged_is_refused",
            "tests/training/adoption/test_keras_files.py::test_code_is_refused_before_keras_sees_it",
        ),
    ),
    Promise(
        "An archive writes nothing outside its folder, holds no links, and does not grow without end",
        "archives with `..`, absolute names, drives, links, bombs, false sizes, damage; no other code unpacks",
        (
            f"{_ZIP}::test_names_that_lead_outside_are_refused",
            f"{_ZIP}::test_links_are_refused",
            f"{_ZIP}::test_what_would_grow_absurdly_is_refused",
            f"{_ZIP}::test_what_would_fill_the_disk_is_refused",
            f"{_ZIP}::test_a_declared_size_that_is_too_small_is_seen",
            f"{_ZIP}::test_damage_inside_a_member_is_refused_whatever_packed_it",
            f"{_CODE}::test_one_place_unpacks_archives_to_the_disk",
        ),
    ),
    Promise(
        "A reading contacts nobody",
        "the system calls of a reading, by strace, which would see a connection",
        (
            "tests/test_privacy.py::test_a_reading_contacts_nobody",
            "tests/test_privacy.py::test_the_check_above_would_see_a_contact",
        ),
    ),
    Promise(
        "A training, an extraction and an evaluation contact nobody, their processes neither",
        "each is run where Python refuses every address but this machine's and notes who asked for one",
        (
            f"{_CODE}::test_the_guard_refuses_and_notes_what_it_is_there_for",
            f"{_CODE}::test_a_training_and_an_evaluation_contact_nobody",
        ),
    ),
    Promise(
        "No page of the studio contacts another host, neither in the browser nor on the server",
        "every page is opened in a browser whose requests are recorded, on a server under the same guard; the live "
        "page with a camera",
        (
            f"{_PAGES}::test_no_page_and_no_server_of_the_studio_asks_anybody_else",
            f"{_PAGES}::test_a_live_stream_is_written_nowhere_and_stands_in_no_log",
        ),
    ),
    Promise(
        "The Gradio Space contacts no other host either",
        "a picture, several, and the camera, in a recorded browser and on a guarded server",
        (
            f"{_PAGES}::test_the_space_writes_uploads_to_its_own_folder_asks_nobody_and_logs_nothing",
            "tests/webapp/browser/test_space.py::test_several_faces_each_with_bars_and_a_why",
        ),
    ),
    Promise(
        "A photo given to the studio stays in memory",
        "every file that the server opens for writing is noted from the upload to the explained answer",
        (f"{_PAGES}::test_an_upload_to_the_studio_stays_in_memory_and_out_of_its_logs",),
    ),
    Promise(
        "What a camera shows to the live page stays in memory",
        "every file that the server opens for writing is noted while the stream is read",
        (f"{_PAGES}::test_a_live_stream_is_written_nowhere_and_stands_in_no_log",),
    ),
    Promise(
        "A clip is kept in a private folder until another replaces it, and nowhere else",
        "every file that the server opens for writing is noted; the decoder of videos needs a file",
        (f"{_PAGES}::test_a_clip_lies_in_a_folder_of_its_own_and_in_no_log",),
    ),
    Promise(
        "The Space keeps an upload in a folder that only its owner opens, for ten minutes, and never the camera's",
        "Gradio hands pictures over as files: where they lie, with which rights, and when they are gone",
        (
            f"{_PAGES}::test_the_space_writes_uploads_to_its_own_folder_asks_nobody_and_logs_nothing",
            f"{_SPACE}::test_uploads_are_soon_deleted_and_the_folder_ends_with_the_server",
            "tests/webapp/browser/test_space.py::test_the_webcam_is_watched_after_consent_and_written_nowhere",
        ),
    ),
    Promise(
        "Logs carry no picture and no reading, and no name of an upload",
        "a photo through the command line, the studio and the Space, a clip and a camera through the studio, with "
        "every logger at debug: names, labels and bytes are looked for",
        (
            f"{_CODE}::test_the_command_line_logs_nothing_of_a_picture",
            f"{_PAGES}::test_what_is_looked_for_in_logs_would_be_found",
            f"{_PAGES}::test_an_upload_to_the_studio_stays_in_memory_and_out_of_its_logs",
            f"{_PAGES}::test_a_clip_lies_in_a_folder_of_its_own_and_in_no_log",
            f"{_PAGES}::test_a_live_stream_is_written_nowhere_and_stands_in_no_log",
            f"{_PAGES}::test_the_space_writes_uploads_to_its_own_folder_asks_nobody_and_logs_nothing",
        ),
    ),
)
