"""The sound of a marked clip: that of the clip, at the same moments as the pictures."""

import json
from fractions import Fraction

import av
import numpy as np
import pytest

from core.output.provenance import Provenance
from core.video.clip import Clip
from core.video.writer import VideoWriter

RATE = 48_000
ONSET_S = 1.0
EXACT_S = 0.06  # a packet of AAC lasts 0.02 s, and encoders smear an onset over two


def make(path, codec="aac", length_s=2.0, video="libx264"):
    """Two seconds of grey, ten pictures a second; silence for a second, then a tone."""
    with av.open(str(path), "w") as container:
        pictures = container.add_stream(video, rate=10)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
        sound = container.add_stream(codec, rate=RATE, layout="mono")
        for number in range(round(length_s * 10)):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90 + number, np.uint8), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(pictures.encode(frame))
        container.mux(pictures.encode())
        times = np.arange(round(length_s * RATE)) / RATE
        wave = (np.sin(times * 2 * np.pi * 440) * 0.5 * (times >= ONSET_S)).astype(np.float32)
        size = sound.codec_context.frame_size or 1024
        resampler = av.AudioResampler(sound.codec_context.format, "mono", RATE, frame_size=size)
        for start in range(0, len(wave), 1024):
            frame = av.AudioFrame.from_ndarray(wave[None, start : start + 1024], "fltp", "mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
            for ready in resampler.resample(frame):
                container.mux(sound.encode(ready))
        for ready in resampler.resample(None):
            container.mux(sound.encode(ready))
        container.mux(sound.encode())
    return path


def marked(clip, out, every_n=1, from_s=0.0, to_s=None, made_by=None):
    source = Clip(clip, every_n, from_s, to_s)
    with VideoWriter(out, source.info.rate / every_n, clip, made_by) as writer:
        for _, time_s, picture in source.pictures():
            writer.write(picture, time_s)
    return writer.problem


def heard(path):
    """The codec of a file's sound, when its tone begins and when it ends, in seconds after the first picture."""
    with av.open(str(path)) as container:
        (stream,) = container.streams.audio
        levels = [
            (frame.time + index / frame.sample_rate, level)
            for frame in container.decode(stream)
            for index, level in enumerate(np.abs(frame.to_ndarray().astype(float)).max(axis=0))
        ]
        loud = max(level for _, level in levels) / 4
        return stream.codec_context.name, next(time for time, level in levels if level > loud), levels[-1][0]


def packets(path):
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


def test_the_sound_is_copied_packet_by_packet(tmp_path):
    clip = make(tmp_path / "clip.mp4")
    assert marked(clip, tmp_path / "out.mp4") is None
    before, after = packets(clip), packets(tmp_path / "out.mp4")
    assert set(after) <= set(before)
    assert len(before) - len(after) <= 2  # what the encoder put before the first sample
    codec, onset_s, end_s = heard(tmp_path / "out.mp4")
    assert codec == "aac"
    assert onset_s == pytest.approx(ONSET_S, abs=EXACT_S)
    assert end_s == pytest.approx(2.0, abs=EXACT_S)


@pytest.mark.parametrize(("from_s", "to_s", "every_n"), [(0.5, None, 1), (0.3, 1.5, 1), (0.7, 1.9, 3)])
def test_the_sound_is_cut_to_the_part(tmp_path, from_s, to_s, every_n):
    clip = make(tmp_path / "clip.mp4")
    assert marked(clip, tmp_path / "out.mp4", every_n, from_s, to_s) is None
    _, onset_s, end_s = heard(tmp_path / "out.mp4")
    assert onset_s == pytest.approx(ONSET_S - from_s, abs=EXACT_S)
    assert end_s == pytest.approx((to_s or 2.0) - from_s, abs=0.1 * every_n)


@pytest.mark.parametrize(
    ("name", "codec", "video", "becomes"),
    [
        ("a.avi", "pcm_s16le", "mpeg4", "aac"),
        ("a.mkv", "ac3", "libx264", "aac"),
        ("a.ts", "aac", "libx264", "aac"),
        ("a.mkv", "libopus", "libx264", "opus"),
        ("a.mov", "mp3", "libx264", "mp3"),
    ],
)
def test_sound_of_any_format_arrives_and_is_encoded_again_where_an_mp4_does_not_take_it(
    tmp_path, name, codec, video, becomes
):
    clip = make(tmp_path / name, codec, video=video)
    assert marked(clip, tmp_path / "out.mp4", from_s=0.5) is None
    codec, onset_s, end_s = heard(tmp_path / "out.mp4")
    assert becomes in codec
    assert onset_s == pytest.approx(ONSET_S - 0.5, abs=EXACT_S)
    assert end_s == pytest.approx(1.5, abs=0.12)


def test_a_silent_clip_stays_silent(tmp_path, write_clip):
    clip = write_clip(tmp_path / "clip.mp4", [np.full((48, 64, 3), 90, np.uint8)] * 5, [n / 5 for n in range(5)])
    assert marked(clip, tmp_path / "out.mp4") is None
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert not container.streams.audio


def test_a_clip_whose_sound_is_damaged_is_still_marked(tmp_path, monkeypatch):
    from core.video import sound

    def broken(self):
        yield from list(whole(self))[:20]
        raise av.error.InvalidDataError(1, "damaged")

    whole = sound.Sound._copied
    monkeypatch.setattr(sound.Sound, "_copied", broken)
    problem = marked(make(tmp_path / "clip.mp4"), tmp_path / "out.mp4")
    assert "clip.mp4: its sound is damaged" in problem
    assert len(list(Clip(tmp_path / "out.mp4").pictures())) == 20


def test_the_file_says_what_made_its_marks(tmp_path):
    made_by = Provenance("fine", "ab" * 32, "0.1.0", ("fer7",), "quick", baseline="of a ünd b")
    marked(make(tmp_path / "clip.mp4"), tmp_path / "out.mp4", made_by=made_by)
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert json.loads(container.metadata["comment"]) == made_by.facts()
