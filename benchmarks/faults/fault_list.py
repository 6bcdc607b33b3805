"""The faults that are made on purpose: what is done, what must hold, and the tests that do it."""

from __future__ import annotations

from benchmarks.faults.fault import Fault

_RELIABILITY = "tests/reliability"

_KILL, _FULL, _READ_ONLY = "`kill -9`", "a full disk", "nothing can be written"
_FILES, _CLOCK, _CAMERA = "files from elsewhere", "a clock set back by an hour", "a camera that changes"
_UPLOADS, _MODELS = "uploads", "a model folder"

FAULTS: dict[str, Fault] = {
    "kill-import": Fault(
        _KILL,
        "an import of 3,500 pictures is killed at random moments of its writing, over an older file",
        "the older file stays as it is; the next run ends with the same rows as one without a kill",
        (f"{_RELIABILITY}/test_kills.py::test_import",),
    ),
    "kill-extract": Fault(
        _KILL,
        "an extraction on two processes is killed five times at random moments",
        "no part that was finished is lost, no worker is left behind, the table is the same to the last bit",
        ("tests/training/features/test_extract_resume.py::test_five_kills_at_random_moments_change_nothing",),
    ),
    "kill-train": Fault(
        _KILL,
        "a training is killed at random moments while it learns and installs, and before each file operation of a "
        "checkpoint",
        "all epochs but the one under way are kept; the next run goes on with the same curves; no half-written "
        "checkpoint is ever read",
        (
            f"{_RELIABILITY}/test_kills.py::test_train",
            f"{_RELIABILITY}/test_kills.py::test_a_checkpoint_is_never_half_written",
            "tests/training/fit/test_keras_trainer.py::test_it_learns_and_goes_on_after_a_kill_as_if_nothing_had_happened",
            "tests/training/runs/test_mlflow_runs.py::test_a_killed_run_is_stopped_and_goes_on_as_the_same_run",
        ),
    ),
    "kill-export": Fault(
        _KILL,
        "an export is killed at random moments over an older file; an installation is killed before each of its "
        "file operations over an installed model",
        "the old file or the new one, the old model or the new one is there at every moment, whole",
        (
            f"{_RELIABILITY}/test_kills.py::test_export",
            f"{_RELIABILITY}/test_kills.py::test_a_model_folder_is_never_half_replaced",
            f"{_RELIABILITY}/test_kills.py::test_a_small_file_is_never_half_written",
        ),
    ),
    "kill-video": Fault(
        _KILL,
        "the reading of a video is killed at random moments while it writes a table and the marked video",
        "what the table holds is right to the last whole row or part, and `recover` makes a table of the parts; the "
        "marked video is not there",
        (f"{_RELIABILITY}/test_kills.py::test_video",),
    ),
    "kill-recording": Fault(
        _KILL,
        "a recording of 5,200 rows to CSV, JSON Lines, Parquet and Excel is killed before its end, or before its "
        "first part",
        "CSV and JSON Lines hold every row; of Parquet and Excel the last part of at most 2,000 rows or ten seconds "
        "is lost; nothing is in the way of the next run",
        (
            "tests/core/output/test_sinks.py::test_rows_are_on_the_disk_at_once",
            "tests/core/output/test_sinks.py::test_a_killed_run_loses_only_the_unfinished_part",
            "tests/core/output/test_sinks.py::test_parts_are_written_at_least_every_ten_seconds",
            "tests/core/output/test_sinks.py::test_a_run_that_was_killed_before_its_first_part_is_in_nobodys_way",
        ),
    ),
    "kill-jobs": Fault(
        _KILL,
        "a queued job, its leader, both, and the studio that submitted them are killed",
        "a job lives as long as its command and is never shown as running when it is not; the next one begins",
        (
            "tests/training/jobs/test_queue.py::test_a_killed_command_is_no_longer_running",
            "tests/training/jobs/test_queue.py::test_a_job_lives_as_long_as_its_command_even_if_its_leader_is_killed",
            "tests/training/jobs/test_queue.py::test_a_job_of_which_all_was_killed_is_stopped",
            "tests/training/jobs/test_queue.py::test_jobs_outlive_a_kill_of_the_process_that_submitted_them",
        ),
    ),
    "full-import": Fault(
        _FULL,
        "an import into too small a file system",
        "one sentence, no file; the same command with more room ends right",
        (f"{_RELIABILITY}/test_no_room.py::test_import",),
    ),
    "full-extract": Fault(
        _FULL,
        "an extraction into too small a file system",
        "one sentence, no table; the same command with more room goes on and ends right",
        (f"{_RELIABILITY}/test_no_room.py::test_extract",),
    ),
    "full-train": Fault(
        _FULL,
        "a training whose checkpoints do not fit",
        "one sentence, no model; the same command with more room ends with a model",
        (f"{_RELIABILITY}/test_no_room.py::test_train",),
    ),
    "full-export": Fault(
        _FULL,
        "an export into too small a file system",
        "one sentence, no file; the same command with more room ends right",
        (f"{_RELIABILITY}/test_no_room.py::test_export",),
    ),
    "full-recording": Fault(
        _FULL,
        "readings as CSV, JSON Lines, Parquet and Excel, a marked video, marked pictures and a table of pictures where "
        "there is no room for them",
        "one sentence; no half video, picture, Parquet or Excel file; the same command with more room ends right",
        (
            f"{_RELIABILITY}/test_no_room.py::test_the_readings_of_a_video",
            f"{_RELIABILITY}/test_no_room.py::test_the_marked_video",
            f"{_RELIABILITY}/test_no_room.py::test_the_marked_pictures",
            f"{_RELIABILITY}/test_no_room.py::test_the_table_of_pictures",
        ),
    ),
    "read-only-cache": Fault(
        _READ_ONLY,
        "home and cache on a read-only file system",
        "pictures are read and models trained; a file that was fetched before is found; one that would have to be "
        "fetched is one sentence",
        (
            f"{_RELIABILITY}/test_read_only.py::test_a_picture_is_read",
            f"{_RELIABILITY}/test_read_only.py::test_a_file_that_was_fetched_before_is_found_there",
            f"{_RELIABILITY}/test_read_only.py::test_a_file_that_cannot_be_kept_is_one_sentence",
            f"{_RELIABILITY}/test_read_only.py::test_a_model_is_trained",
            "tests/core/runtime/test_assets.py::test_a_cache_that_cannot_be_written",
        ),
    ),
    "read-only-target": Fault(
        _READ_ONLY,
        "thirteen commands are told to write to a read-only file system",
        "each says so in one sentence that names the place",
        (f"{_RELIABILITY}/test_read_only.py::test_a_target_there_is_one_sentence",),
    ),
    "wrong-hash": Fault(
        _FILES,
        "a model file that was cut, altered or exchanged lies in the cache, in `MIEN_ASSETS`, in a wheel, or is what "
        "the server sends",
        "it is never used: fetched again, or refused in a sentence that names the right hash",
        (
            "tests/core/runtime/test_assets.py::test_a_damaged_file_in_the_cache_is_fetched_again",
            "tests/core/runtime/test_assets.py::test_a_wrong_file_in_the_folder_of_the_environment_is_refused_and_named",
            "tests/core/runtime/test_assets.py::test_a_wheel_with_another_file",
        ),
    ),
    "asset-server": Fault(
        _FILES,
        "the server answers 404, with a page of HTML, with another file, breaks off in the middle, sends slowly, never "
        "answers or does not end; pip or npm brings too much",
        "what comes slowly is waited for; all else is one sentence with what to do, and leaves nothing in the cache",
        (
            "tests/core/runtime/test_assets.py::test_a_failed_download_is_one_sentence_and_leaves_nothing",
            "tests/core/runtime/test_assets.py::test_one_that_comes_slowly_is_waited_for",
            "tests/core/runtime/test_assets.py::test_the_next_source_is_tried",
            "tests/core/runtime/test_assets.py::test_offline",
            "tests/core/runtime/test_wheel_source.py::test_a_wheel_that_brings_too_much_is_ended",
            "tests/core/runtime/test_wheel_source.py::test_a_package_of_npm_that_brings_too_much_is_ended",
        ),
    ),
    "dataset-changes": Fault(
        _FILES,
        "the list of changes to a dataset is damaged, of another dataset, or cannot be written; the page that made it "
        "ends after any decision; it and `clean` are killed before each of their file operations",
        "each decision is in the file at once; what is wrong is one sentence, and the list stays as it is; no "
        "half-written list or copy is ever read",
        (
            "tests/training/datasets/test_changes.py::test_each_decision_is_in_the_file_at_once",
            "tests/training/datasets/test_changes.py::test_what_is_no_list_of_this_dataset_is_refused_with_its_place",
            "tests/training/datasets/test_changes.py::test_what_cannot_be_written_is_said_and_not_shown_as_done",
            f"{_RELIABILITY}/test_kills.py::test_a_list_of_changes_and_a_clean_copy_are_never_half_written",
        ),
    ),
    "queue-of-clips": Fault(
        _UPLOADS,
        "among several clips one is no clip, one is taken away while it is read, and one breaks off; a fault of the "
        "engine in the midst of a clip",
        "each is one sentence, all others are read, and no folder is left behind",
        (
            "tests/webapp/screens/test_video.py::test_one_bad_clip_among_others_is_named_and_stops_none",
            "tests/webapp/screens/test_video.py::test_cancelling_one_clip_lets_the_next_one_begin",
            "tests/webapp/screens/test_video.py::test_a_clip_that_breaks_off_is_shown_as_far_as_it_goes",
            "tests/webapp/ui/video/test_job.py::test_a_fault_in_mien_is_told_and_logged",
            "tests/webapp/ui/video/test_job.py::test_a_job_that_is_closed_while_it_reads_leaves_nothing",
            "tests/webapp/ui/video/test_job.py::test_what_is_no_video_leaves_no_folder",
        ),
    ),
    "browser-alone": Fault(
        "a server that goes away",
        "the server ends while a visitor's own browser reads their camera",
        "the visit goes on: faces, baseline, marks and the recording's file",
        ("tests/webapp/browser/test_visit.py::test_a_whole_visit",),
    ),
    "clock-stream": Fault(
        _CLOCK,
        "the clock of a stream goes back by a second, an hour, thirty years",
        "faces keep their numbers; smoothing, reading every so often and a baseline go on at once",
        (
            f"{_RELIABILITY}/test_clocks.py::test_smoothing_goes_on",
            f"{_RELIABILITY}/test_clocks.py::test_reading_every_so_often_goes_on",
            f"{_RELIABILITY}/test_clocks.py::test_a_baseline_is_taken_to_its_end",
            f"{_RELIABILITY}/test_clocks.py::test_frames_keep_the_moments_that_they_were_given",
        ),
    ),
    "clock-jobs": Fault(
        _CLOCK,
        "the files of jobs and runs have times in the future",
        "jobs keep their order and states; the time left is no longer than the epochs that are left",
        (
            f"{_RELIABILITY}/test_clocks.py::test_jobs_keep_their_order_and_their_states",
            f"{_RELIABILITY}/test_clocks.py::test_the_time_left_of_a_training_is_no_longer_than_its_epochs",
        ),
    ),
    "clock-retention": Fault(
        _CLOCK,
        "the clock goes back after a picture came to the Gradio page",
        "the picture is still deleted ten minutes after it came",
        (f"{_RELIABILITY}/test_clocks.py::test_uploads_to_the_gradio_page_are_deleted_on_time",),
    ),
    "camera": Fault(
        _CAMERA,
        "the size and the pixel format change from one picture to the next, down to 1x1 and with odd sides, with and "
        "without mesh",
        "each comes back as large as it was, and no picture fails",
        (f"{_RELIABILITY}/test_camera.py::test_every_picture_comes_back_as_large_as_it_was",),
    ),
    "upload-limit": Fault(
        _UPLOADS,
        "a file of the largest size, and one of a byte more, to the reader, the studio (whose server "
        "counts the form around it too) and the Gradio page",
        "the first is read, the second refused",
        (
            "tests/webapp/test_uploads.py::test_the_reader_takes_a_picture_of_the_largest_size_and_none_of_a_byte_more",
            "tests/webapp/test_uploads.py::test_the_studio_takes_what_it_may_and_not_a_byte_more",
            "tests/webapp/test_uploads.py::test_the_gradio_page_takes_what_it_may_and_not_a_byte_more",
        ),
    ),
    "upload-parallel": Fault(
        _UPLOADS,
        "twelve visitors at once, each with a picture of their own, to the studio and to the Gradio page",
        "each is shown their own and nobody else's",
        (
            "tests/webapp/test_uploads.py::test_photos_of_many_visitors_of_the_studio_are_not_mixed_up",
            "tests/webapp/test_uploads.py::test_pictures_of_many_visitors_of_the_gradio_page_are_not_mixed_up",
        ),
    ),
    "why-crowd": Fault(
        _UPLOADS,
        "eight visitors ask at once why a face was read so, where two are answered at once; a program asks the Gradio "
        "page beside its queue",
        "two are answered, the others are told in a sentence to try again; nobody passes the queue; one answer takes "
        "67 pictures of one face through the model, whatever the photo",
        (
            "tests/webapp/ui/shared/test_why.py::"
            "test_of_many_who_ask_at_once_few_are_answered_and_the_others_are_told_to_try_again",
            "tests/webapp/ui/shared/test_why.py::test_one_answer_takes_a_known_number_of_runs_of_the_model",
            "tests/webapp/ui/shared/test_why.py::test_a_seat_is_free_again_after_a_failure",
            "tests/webapp/space/test_app.py::test_nobody_passes_the_queue_that_limits_how_many_are_answered_at_once",
        ),
    ),
    "upload-memory": Fault(
        _UPLOADS,
        "forty files of 4 MB to the studio by visitors who leave",
        "within four minutes the server holds at most 40 MB more than before, with glibc's allocator set as `make app` "
        "and the image set it",
        (
            "tests/webapp/test_uploads.py::test_the_memory_of_many_uploads_comes_back",
            "tests/webapp/test_uploads.py::test_how_much_of_many_uploads_is_kept_without_the_settings_of_the_allocator",
        ),
    ),
    "model-tampered": Fault(
        _MODELS,
        "each file cut, grown, exchanged, missing, with a bit flipped; a link, a pipe, a device or a folder in its "
        "place; files more than the card names",
        "refused in one sentence within two seconds; a file that the card does not name is never opened",
        (
            f"{_RELIABILITY}/test_models.py::test_a_tampered_file",
            f"{_RELIABILITY}/test_models.py::test_any_one_byte_of_a_card",
            f"{_RELIABILITY}/test_models.py::test_tampered_weights_are_not_trained_on",
            f"{_RELIABILITY}/test_models.py::test_a_file_more_is_never_opened",
            f"{_RELIABILITY}/test_models.py::test_another_models_files_with_their_own_hashes",
            f"{_RELIABILITY}/test_models.py::test_what_is_no_file_of_the_folder_is_not_read",
        ),
    ),
    "model-hostile": Fault(
        _MODELS,
        "cards with paths, links, huge sizes, label lists and networks, deep nesting, numbers that are no "
        "numbers, wrong types",
        "refused in one short sentence, or shown without harm; nothing outside of the folder is opened",
        (
            f"{_RELIABILITY}/test_models.py::test_a_hostile_card",
            f"{_RELIABILITY}/test_models.py::test_a_card_that_is_hard_to_read",
            f"{_RELIABILITY}/test_models.py::test_a_strange_card_can_be_shown",
            f"{_RELIABILITY}/test_models.py::test_a_card_that_asks_for_a_huge_network",
            f"{_RELIABILITY}/test_models.py::test_nothing_outside_of_the_folder_is_opened",
        ),
    ),
}
