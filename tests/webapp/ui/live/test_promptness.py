"""What aiortc and streamlit-webrtc do with a frame, as the live page changes it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import av
import pytest
from aiortc import MediaStreamTrack
from aiortc.contrib.media import MediaRelay
from aiortc.jitterbuffer import JitterBuffer
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import RtpPacket

from webapp.ui.live.promptness import PromptTrack, hand_on_at_once


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    from streamlit_webrtc import webrtc

    for owner, name in (
        (JitterBuffer, "_remove_frame"),
        (MediaRelay, "subscribe"),
        (webrtc, "AsyncVideoProcessTrack"),
    ):
        monkeypatch.setattr(owner, name, getattr(owner, name))  # put back afterwards
    hand_on_at_once()


def frames(buffer, packets):
    """What comes out after each packet, given as (number, moment, is last, content)."""
    out = []
    for number, moment, is_last, content in packets:
        packet = RtpPacket(sequence_number=number & 0xFFFF, timestamp=moment, marker=int(is_last))
        packet._data = content
        _, frame = buffer.add(packet)
        out.append(frame and (frame.timestamp, frame.data))
    return out


def video():
    return JitterBuffer(capacity=16, is_video=True)


@pytest.mark.parametrize("first", [0, 65534])
def test_a_frame_comes_at_its_last_packet(first):
    packets = [(first, 5, False, b"a"), (first + 1, 5, True, b"b"), (first + 2, 9, True, b"c")]
    assert frames(video(), packets) == [None, (5, b"ab"), (9, b"c")]


def test_packets_out_of_order_wait_for_the_gap_to_close():
    packets = [(0, 5, True, b"a"), (2, 9, True, b"c"), (1, 9, False, b"b"), (3, 12, True, b"d")]
    assert frames(video(), packets) == [(5, b"a"), None, (9, b"bc"), (12, b"d")]


def test_a_sender_without_markers_is_served_as_before():
    packets = [(0, 5, False, b"a"), (1, 5, False, b"b"), (2, 9, False, b"c"), (3, 12, False, b"d")]
    assert frames(video(), packets) == [None, None, (5, b"ab"), (9, b"c")]


def test_sound_is_left_alone():
    packets = [(number, number, True, b"s") for number in range(3)]
    assert frames(JitterBuffer(capacity=16, prefetch=4), packets) == [None, None, None]


def in_a_loop(coroutine):
    """Run it in a thread, because the tests of browsers leave a loop in the one that all tests run in."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, coroutine).result()


class Film(MediaStreamTrack):
    """Frames one after the other, as fast as they are asked for; at most `most` of them."""

    def __init__(self, kind="video", most=100):
        super().__init__()
        self.kind, self._moments = kind, iter(range(most))

    async def recv(self):
        await asyncio.sleep(0)
        moment = next(self._moments, None)
        if moment is None:
            self.stop()
            raise MediaStreamError
        frame = av.VideoFrame(16, 16, "rgb24")
        frame.pts, frame.time_base = moment, Fraction(1, 15)
        return frame


class Reader:
    """Answers each frame with another, as the page's callback does."""

    def __init__(self):
        self.read, self.ends = [], 0

    def recv(self, frame):
        self.read.append(frame.pts)
        return av.VideoFrame(32, 32, "rgb24")

    def on_ended(self):
        self.ends += 1


def test_a_frame_comes_out_read_and_at_its_own_time():
    async def run():
        reader = Reader()
        track = PromptTrack(Film(), reader)
        out = [await track.recv() for _ in range(3)]
        assert [frame.pts for frame in out] == reader.read == [0, 1, 2]
        assert all(frame.width == 32 and frame.time_base == Fraction(1, 15) for frame in out)
        track.stop()

    in_a_loop(run())


def test_a_stopped_stream_gives_no_frame_and_ends_once():
    async def run():
        reader = Reader()
        track = PromptTrack(Film(), reader)
        await track.recv()
        track.stop()
        track.stop()
        with pytest.raises(MediaStreamError):
            await track.recv()
        assert (reader.read, reader.ends) == ([0], 1)

    in_a_loop(run())


def test_a_stream_ends_with_the_camera():
    async def run():
        reader = Reader()
        track = PromptTrack(Film(most=1), reader)
        await track.recv()
        with pytest.raises(MediaStreamError):
            await track.recv()
        assert (track.readyState, reader.ends) == ("ended", 1)

    in_a_loop(run())


@pytest.mark.parametrize(("kind", "wanted"), [("video", [0, 49]), ("audio", [0, 1])])
def test_a_slow_viewer_gets_the_latest_picture_but_all_of_the_sound(kind, wanted):
    async def run():
        film = Film(kind, most=50)
        latest = MediaRelay().subscribe(film)
        first = await latest.recv()
        while film.readyState == "live":
            await asyncio.sleep(0)
            if film.readyState == "live" and kind == "video" and latest._frame.pts == 49:
                break
        second = await latest.recv()
        assert [first.pts, second.pts] == wanted

    in_a_loop(run())
