import wave

import av
import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from core.errors import VideoError
from core.readings import Frame
from core.video.clip import Clip, clips_in, picture_at, probe
from core.video.decoder import CLIP_SUFFIXES
from core.video.writer import VideoWriter

FACE = astronaut()[:240:2, 120:360:2]  # 120x120, her face in the middle of the left half


def pictures(count):
    """Her face, ever farther to the right, with every other five pictures without it."""
    for number in range(count):
        picture = np.full((120, 160, 3), 90, np.uint8)
        if number // 5 % 2 == 0:
            left = number * 40 // count
            picture[:, left : left + 120] = FACE
        yield picture


def constant(count):
    return [number / 25 for number in range(count)]


def variable(count, start=0.0):
    return list(start + np.cumsum([0.04, 0.2, 0.07, 0.5] * (count // 4)))


@pytest.fixture(scope="module")
def clip(tmp_path_factory, write_clip):
    """Write a clip of so many pictures: `clip(name, times, **options)`."""
    folder = tmp_path_factory.mktemp("clips")
    return lambda name, times, **options: write_clip(folder / name, list(pictures(len(times))), times, **options)


def times_of(clip):
    return [time_s for _, time_s, _ in clip.pictures()]


class FakeSession:
    def read(self, picture, time_s):
        return Frame(picture.shape[1], picture.shape[0], (), index=0, time_s=0.0)


def test_a_constant_rate(clip):
    path = clip("constant.mp4", constant(50))
    info = probe(path)
    assert (info.width, info.height, info.frames, info.rate, info.rotation) == (160, 120, 50, 25, 0)
    assert info.duration_s == pytest.approx(2.0)
    whole = Clip(path)
    assert times_of(whole) == pytest.approx(constant(50), abs=1e-3)
    assert whole.problem is None
    for (_, _, seen), made in zip(whole.pictures(), pictures(50), strict=True):
        assert seen.shape == made.shape
        assert np.abs(seen.astype(int) - made).mean() < 8


@pytest.mark.parametrize("name", ["variable.mp4", "variable.mkv", "variable.mov", "variable.ts"])
@pytest.mark.parametrize("start", [0.0, 1.5])
def test_a_variable_rate_and_a_late_start_keep_the_streams_clock(clip, name, start):
    made = variable(40, start)
    whole = Clip(clip(name, made))
    assert times_of(whole) == pytest.approx([time_s - made[0] for time_s in made], abs=2e-3)
    assert whole.problem is None
    assert whole.info.duration_s is None or abs(whole.info.duration_s - made[-1] + made[0]) < 0.6


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_a_rotation_tag_is_obeyed(clip, rotation):
    stored = np.zeros((120, 160, 3), np.uint8)
    path = clip(f"turned{rotation}.mp4", constant(10), rotation=rotation)
    upright = Clip(clip("upright.mp4", constant(10)))
    assert probe(path).rotation == rotation % 360
    assert (probe(path).height, probe(path).width) == np.rot90(stored, rotation // 90).shape[:2]
    for (_, _, turned), (_, _, picture) in zip(Clip(path).pictures(), upright.pictures(), strict=True):
        np.testing.assert_array_equal(turned, np.rot90(picture, rotation // 90))


@pytest.mark.parametrize("name", ["square.mp4", "square.mkv", "square.mov"])
@pytest.mark.parametrize(("aspect", "width"), [("4/3", 213), ("8/9", 142), ("16/11", 233), ("2", 320), ("1", 160)])
def test_pixels_that_are_not_square_are_shown_as_they_are_meant(clip, name, aspect, width, tmp_path):
    """DV, DVD, HDV and film: a face that is squeezed is read as another one."""
    path = clip(name, constant(3), aspect=aspect)
    assert (probe(path).width, probe(path).height) == (width, 120)
    for (_, _, seen), made in zip(Clip(path).pictures(), pictures(3), strict=True):
        assert seen.shape == (120, width, 3)
        meant = np.asarray(Image.fromarray(made).resize((width, 120)))
        assert np.abs(seen.astype(int) - meant).mean() < 8


def test_a_title_that_is_no_unicode_is_no_reason_to_refuse_a_clip(clip, tmp_path):
    data = clip("plain.mp4", constant(3)).read_bytes()
    path = tmp_path / "latin-1.mp4"
    path.write_bytes(data.replace(b"isomiso2", b"isom\xe9so2", 1))
    assert path.read_bytes() != data
    assert len(times_of(Clip(path))) == 3


def test_a_turned_clip_is_stretched_before_it_is_turned(clip):
    path = clip("phone.mp4", constant(3), rotation=90, aspect="3/2")
    assert (probe(path).width, probe(path).height) == (120, 240)
    assert next(Clip(path).pictures())[2].shape == (240, 120, 3)


@pytest.mark.parametrize("aspect", ["1/100", "100"])
def test_an_aspect_beyond_all_formats_is_not_believed(clip, aspect):
    assert probe(clip("slip.mp4", constant(3), aspect=aspect)).width == 160


@pytest.mark.parametrize("stays_ms", [100, 3000, 60_000])
def test_a_gif_whose_last_picture_stays_is_whole(tmp_path, stays_ms):
    frames = [Image.new("RGB", (64, 64), (40 * number, 0, 0)) for number in range(6)]
    path = tmp_path / "stays.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=[100] * 5 + [stays_ms])
    whole = Clip(path)
    assert len(times_of(whole)) == 6
    assert whole.problem is None


@pytest.mark.parametrize("name", ["part.mp4", "part.mkv", "part.webm", "part.ts", "part.avi"])
def test_a_part_is_the_same_as_in_the_whole(clip, name):
    codec = {"webm": "libvpx", "avi": "mpeg4"}.get(name[-4:].strip("."), "libx264")
    times = constant(60) if codec == "mpeg4" else variable(60, 0.7)
    path = clip(name, times, codec=codec)
    whole = [(number, time_s) for number, time_s, _ in Clip(path).pictures()]
    for start, end in ((0.5, 1.3), (1.0, None), (0.0, 0.8)):
        part = [(number, time_s) for number, time_s, _ in Clip(path, from_s=start, to_s=end).pictures()]
        assert part == [each for each in whole if each[1] >= start - 1e-4 and (end is None or each[1] < end - 1e-4)]


def test_every_nth_picture_keeps_its_own_number_and_time(clip):
    path = clip("every.mp4", constant(20))
    assert [number for number, _, _ in Clip(path, every_n=6).pictures()] == [0, 6, 12, 18]
    assert [number for number, _, _ in Clip(path, every_n=6, from_s=0.2).pictures()] == [5, 11, 17]


def test_frames_bear_the_files_numbers_and_times(clip):
    path = clip("frames.mp4", constant(20))
    frames = [frame for _, frame in Clip(path, every_n=4, from_s=0.4).read(FakeSession())]
    assert [frame.index for frame in frames] == [10, 14, 18]
    assert [frame.time_s for frame in frames] == pytest.approx([0.4, 0.56, 0.72])


def test_picture_at(clip):
    path = clip("at.mp4", constant(40))
    (shown,) = [picture for number, _, picture in Clip(path).pictures() if number == 23]
    np.testing.assert_array_equal(picture_at(path, 23 / 25), shown)
    assert picture_at(path, 99) is None


@pytest.mark.parametrize("share", [0.35, 0.5, 0.77, 0.93])
@pytest.mark.parametrize("name", ["whole.mp4", "whole.mkv"])
def test_of_a_truncated_file_the_readable_part_is_read_and_the_break_is_named(clip, name, share, tmp_path):
    times = constant(100)
    whole = clip(name, times, **({"movflags": "faststart"} if name.endswith("mp4") else {}))
    data = whole.read_bytes()
    cut = tmp_path / name
    cut.write_bytes(data[: int(len(data) * share)])
    broken = Clip(cut)
    read = times_of(broken)
    assert 0 < len(read) < 100
    assert read == pytest.approx(times[: len(read)], abs=1e-3)
    assert "breaks off at" in broken.problem or "is damaged near" in broken.problem
    assert str(cut) in broken.problem


def test_damage_in_the_middle_is_named_and_the_rest_is_read(clip, tmp_path):
    data = bytearray(clip("sound.mp4", constant(100)).read_bytes())
    data[len(data) // 2 : len(data) // 2 + 300] = bytes(300)
    path = tmp_path / "damaged.mp4"
    path.write_bytes(data)
    damaged = Clip(path)
    times = times_of(damaged)
    assert 50 < len(times) < 100
    assert times[-1] == pytest.approx(99 / 25)
    assert "is damaged near" in damaged.problem


def test_the_suffixes_are_those_of_what_is_read(tmp_path):
    known = {f".{suffix}" for suffix in av.ContainerFormat("mov", "r").extensions}
    known |= {f".{suffix}" for suffix in av.ContainerFormat("matroska", "r").extensions}
    stills_and_sound = {".avif", ".heic", ".heif", ".m4a", ".m4b", ".isma", ".mka", ".mks"}
    assert known - stills_and_sound <= CLIP_SUFFIXES
    for name in ("b.MOV", "a.mts", "._a.mts", "photo.heic"):
        (tmp_path / name).touch()
    listing = clips_in(tmp_path)
    assert [path.name for path in listing.wanted] == ["a.mts", "b.MOV"]
    assert [path.name for path in listing.passed_over] == ["photo.heic"]
    with pytest.raises(VideoError, match="nowhere"):
        clips_in(tmp_path / "nowhere")


def test_an_end_that_was_not_asked_for_is_no_problem(clip):
    part = Clip(clip("long.mp4", constant(100)), to_s=0.5)
    assert len(times_of(part)) == 13
    assert part.problem is None


def sound_only(path):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 16_000), np.float32), format="fltp", layout="mono")
        frame.rate = 16_000
        container.mux([*stream.encode(frame), *stream.encode()])


def wav(path):
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 16_000, 0, "NONE", ""))
        sound.writeframes(bytes(3200))


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("nowhere.mp4", lambda path: None, "there is no such file"),
        ("empty.mp4", lambda path: path.write_bytes(b""), "is empty"),
        ("sound.mp4", sound_only, "holds no video"),
        ("sound.wav", wav, "holds no video"),
        ("text.mp4", lambda path: path.write_text("not a video\n" * 99), "is no video that can be read"),
        ("noise.mp4", lambda path: path.write_bytes(np.random.default_rng(0).bytes(5000)), "is no video"),
        ("folder.mp4", lambda path: path.mkdir(), "there is no such file"),
    ],
)
def test_what_is_no_video_is_one_sentence(tmp_path, name, make, words):
    make(tmp_path / name)
    with pytest.raises(VideoError, match=words) as caught:
        Clip(tmp_path / name)
    assert name in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{target}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{target}'\n",
    ],
    ids=["hls", "concat"],
)
def test_a_playlist_that_names_other_files_is_no_video(clip, tmp_path, text):
    """An upload must not make the server read its own files, or ask addresses."""
    path = tmp_path / "list.mp4"
    path.write_text(text.format(target=clip("secret.ts", constant(20))))
    with pytest.raises(VideoError, match="is no video"):
        Clip(path)


@pytest.mark.parametrize(
    ("start", "end", "words"), [(5, None, "ends at"), (0.5, 0.5, "no time lies"), (0.6, 0.2, "no")]
)
def test_an_impossible_part_is_one_sentence(clip, start, end, words):
    with pytest.raises(VideoError, match=words):
        Clip(clip("short.mp4", constant(20)), from_s=start, to_s=end)


def test_what_is_written_keeps_the_times_and_plays_in_browsers(clip, tmp_path):
    made = Clip(clip("source.mkv", variable(40)))
    out = tmp_path / "out.mp4"
    with VideoWriter(out) as writer:
        for _, time_s, picture in made.pictures():
            writer.write(picture[:119, :159], time_s)  # odd sizes, which H.264 does not have
    written = Clip(out)
    assert times_of(written) == pytest.approx(times_of(made), abs=1e-4)
    assert (written.info.width, written.info.height) == (158, 118)
    with av.open(str(out)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"
    data = out.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert list(tmp_path.iterdir()) == [out]


def test_the_real_clip(mien_data):
    real = Clip(mien_data / "videos" / "facerec_short_hamilton_clip.mp4")
    times = times_of(real)
    assert len(times) == real.info.frames == 275
    assert times[0] == 0  # the stream's own clock begins at 0.85 s
    assert np.diff(times) == pytest.approx(1001 / 30000, abs=1e-3)
    assert real.problem is None
