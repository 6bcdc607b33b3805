"""The sound of a clip, carried over to the file that its marked pictures are written to."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av

from ..errors import VideoError
from .decoder import Decoder, open_clip

_COPIED = frozenset(("aac", "mp3", "opus", "flac"))
"""Codecs that an MP4 may hold and browsers play; any other sound is encoded again, as AAC."""

_RATE = 48_000  # samples a second of what is encoded again


class Sound:
    """Writes the sound of a clip, or of a part of it, into another file, a little at a time.

    Args:
        clip: Path of the clip.
        target: The file to write to, before its first packet.
        from_s: Time at which to begin, in seconds after the clip's first picture; it becomes 0.

    Attributes:
        problem: One sentence on what is missing of the sound, else None.

    Raises:
        VideoError: The clip cannot be read.
    """

    def __init__(self, clip: Path, target: av.container.OutputContainer, from_s: float) -> None:
        self.problem: str | None = None
        self._clip, self._target = clip, target
        with Decoder(clip) as decoder:
            self._begin_s = (decoder.first.time or 0.0) + from_s
        self._source = open_clip(clip)
        self._stream = self._source.streams.best("audio")
        self._written: av.AudioStream | None = None
        self._packets = self._timed_packets() if self._stream else iter(())
        self._next: tuple[float, av.Packet] | None = next(self._packets, None)

    def write_until(self, time_s: float) -> None:
        """Write what is heard before a time.

        Args:
            time_s: Time in seconds after the beginning.

        Raises:
            FFmpegError: The file cannot be written.
        """
        while self._next and self._next[0] < time_s:
            self._target.mux(self._next[1])
            self._next = next(self._packets, None)

    def close(self) -> None:
        """Close the clip."""
        self._packets = iter(())
        self._source.close()

    def _timed_packets(self) -> Iterator[tuple[float, av.Packet]]:
        """The packets to write and their times, in seconds after the beginning; what is damaged ends them."""
        last_s = 0.0
        copied = self._is_copied()
        if copied is None:
            self.problem = f"{self._clip}: its sound is in a format that cannot be read, so the marked video has none"
            return
        try:
            for time_s, packet in self._copied() if copied else self._encoded():
                last_s = time_s
                yield time_s, packet
        except (av.FFmpegError, VideoError):
            self.problem = f"{self._clip}: its sound is damaged, and that of the marked video ends at {last_s:.1f} s"

    def _is_copied(self) -> bool | None:
        """Whether the sound fits as it is; None where it cannot be decoded either."""
        context = self._stream.codec_context
        if context is None:
            return None
        # AAC of a broadcast describes itself in each packet, and MP4 once for all.
        name = context.codec.canonical_name
        return name in _COPIED and (name != "aac" or bool(context.extradata))

    def _copied(self) -> Iterator[tuple[float, av.Packet]]:
        self._written = self._target.add_stream_from_template(self._stream)
        begin, last = round(self._begin_s / self._stream.time_base), -1
        for packet in self._source.demux(self._stream):
            if packet.dts is None or packet.pts is None or packet.pts < begin or packet.dts - begin <= last:
                continue
            packet.pts, packet.dts = packet.pts - begin, packet.dts - begin
            last = packet.dts
            packet.stream = self._written
            yield float(packet.pts * self._stream.time_base), packet

    def _encoded(self) -> Iterator[tuple[float, av.Packet]]:
        layout = "mono" if self._stream.codec_context.channels == 1 else "stereo"
        self._written = self._target.add_stream("aac", rate=_RATE, layout=layout)
        resampler = av.AudioResampler("fltp", layout, _RATE, frame_size=1024)
        end = -1
        for frame in self._source.decode(self._stream):
            if frame.time is None or frame.time < self._begin_s:
                continue
            frame.pts, frame.time_base = round((frame.time - self._begin_s) * _RATE), Fraction(1, _RATE)
            if frame.pts < end:
                continue
            end = frame.pts
            for ready in resampler.resample(frame):
                yield from self._timed(self._written.encode(ready))
        for ready in resampler.resample(None):
            yield from self._timed(self._written.encode(ready))
        yield from self._timed(self._written.encode(None))

    @staticmethod
    def _timed(packets: list[av.Packet]) -> Iterator[tuple[float, av.Packet]]:
        for packet in packets:
            yield float(packet.pts * packet.time_base), packet
