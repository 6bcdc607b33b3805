"""aiortc's buffer of incoming packets, as the live page changes it."""

import pytest
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtp import RtpPacket

from webapp.ui.live import connection


@pytest.fixture(autouse=True)
def _whole_frames(monkeypatch):
    monkeypatch.setattr(JitterBuffer, "_remove_frame", JitterBuffer._remove_frame)  # put back afterwards
    connection.hand_out_whole_frames()


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
