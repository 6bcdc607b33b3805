"""Decoding a video file: its pictures and the times at which they are shown, also where the file is damaged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, dropwhile
from pathlib import Path

import av
import numpy as np

from ..errors import VideoError
from ..images import MAX_SIDE

# FFmpeg would also open playlists, which name other files and addresses, and draw plain text as a terminal.
_OPEN_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,flv,asf,ogg,gif,h264,hevc,ivf,mxf,dv,wav,mp3",
}

# fmt: off
CLIP_SUFFIXES = frozenset((
    ".mp4", ".m4v", ".mov", ".qt", ".3gp", ".3g2", ".mj2", ".f4v", ".ism", ".ismv", ".psp", ".mkv", ".mk3d", ".webm",
    ".avi", ".ts", ".mts", ".m2ts", ".mpg", ".mpeg", ".vob", ".flv", ".wmv", ".asf", ".ogv", ".ogg", ".gif", ".264",
    ".h264", ".h26l", ".avc", ".265", ".h265", ".hevc", ".ivf", ".mxf", ".dv", ".dif",
))
# fmt: on
"""Suffixes of the files that count as clips in a folder, in lower case."""

_MOST_OBLONG = 4.0  # ratio of a pixel's sides; formats go up to 2 (anamorphic film)

_TIME = re.compile(r"(\d+):(\d+):(\d+(?:\.\d+)?)")

SAME_TIME_S = 1e-4
"""Times closer than this, in seconds, count as one: containers round to ticks of their own."""


class Decoder:
    """An open video file; a context manager.

    Args:
        path: Path of the video file.

    Attributes:
        stream: PyAV's video stream.
        first: The first picture that can be decoded.
        damaged_s: Time at which the first damage was met, in seconds; None as long as there is none.

    Raises:
        VideoError: There is no such file, it holds no video, or no picture of it can be decoded.
    """

    def __init__(self, path: Path) -> None:
        self.damaged_s: float | None = None
        self._path = path
        self._origin: int | None = None
        self._container: av.container.InputContainer | None = None
        try:
            self._reopen()
            self._frames = self._decode()
            first = next(self._frames, None)
            if first is None:
                raise VideoError(f"{path}: is damaged from its beginning, so that no picture of it can be read")
        except BaseException:
            self.__exit__()
            raise
        self.first: av.VideoFrame = first
        self._origin = first.pts

    def __enter__(self) -> Decoder:
        return self

    def __exit__(self, *_) -> None:
        if self._container:
            self._container.close()

    @property
    def turns(self) -> int:
        """How many times a picture is turned by 90 degrees, counter-clockwise, before it is shown."""
        return round(self.first.rotation / 90) % 4

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of a picture as it is shown, in square pixels."""
        width, height = self._squared(self.first)
        return (height, width) if self.turns % 2 else (width, height)

    def picture(self, frame: av.VideoFrame) -> np.ndarray:
        """A frame's picture, uint8 RGB (height, width, 3), with square pixels and turned as the file asks for."""
        width, height = self._squared(frame)
        pixels = frame.to_ndarray(format="rgb24", width=width, height=height)
        return np.ascontiguousarray(np.rot90(pixels, round(frame.rotation / 90) % 4))

    def _squared(self, frame: av.VideoFrame) -> tuple[int, int]:
        # As players do, the width follows the pixels' aspect (DV, DVD, HDV); one beyond all formats is a slip.
        aspect = float(self.stream.sample_aspect_ratio or 1)
        width = round(frame.width * aspect) if 1 / _MOST_OBLONG <= aspect <= _MOST_OBLONG else frame.width
        return (width if width <= MAX_SIDE else frame.width), frame.height

    @property
    def rate(self) -> float:
        """How many pictures there are a second, on average."""
        return float(self.stream.guessed_rate or self.stream.average_rate or 25)

    @property
    def length(self) -> tuple[float, float] | None:
        """How long the video lasts and how far that may be off, in seconds; None where the file does not say."""
        container, stream = self._container, self.stream
        if "matroska" in container.format.name:  # MKV and WebM tell when they end, not how long they are
            before = self.first.time or 0.0
            if tag := _TIME.fullmatch(stream.metadata.get("DURATION", "")):
                hours, minutes, seconds = map(float, tag.groups())
                return hours * 3600 + minutes * 60 + seconds - before, 0.0
            if container.duration:  # of the longest stream, which may be the sound
                return container.duration / av.time_base - before, 0.0 if len(container.streams) == 1 else 1.0
            return None
        # The shorter one: sound may go on after the last picture, and a trimmed clip still holds what was cut.
        whole = container.duration / av.time_base if container.duration else None
        own = float(stream.duration * stream.time_base) if stream.duration else None
        known = [length for length in (own, whole) if length is not None]
        return (min(known), 0.0 if own else 1.0) if known else None

    @property
    def count(self) -> int | None:
        """How many pictures the file says it holds; None where it does not say, or says what is not to be trusted."""
        return self.stream.frames or None if "mp4" in self._container.format.name else None

    def frames(self, from_s: float = 0.0) -> Iterator[tuple[int, float, av.VideoFrame]]:
        """Every undamaged picture from a time on.

        Args:
            from_s: Time after the first picture, in seconds.

        Yields:
            The picture's number in the file, from 0, its time after the first picture in seconds, and PyAV's frame.
        """
        number, frames = 0, chain((self.first,), self._frames)
        if from_s and self._origin is not None:  # without time stamps there is nothing to seek by
            target = self._origin + round((from_s - SAME_TIME_S) / self.stream.time_base)
            number, frames = self._count_before(target), self._seek(target)
        last_s, shift_s = -1 / self.rate, 0.0
        for frame in frames:
            # A picture without a time stamp, or whose clock went back, follows the one before at the average rate.
            next_s = last_s + 1 / self.rate
            time_s = next_s if frame.pts is None else self._seconds(frame.pts) + shift_s
            if time_s <= last_s:
                shift_s += next_s - time_s if last_s - time_s > 1 else 0  # joined clips; a little is a careless writer
                time_s = next_s
            last_s = time_s
            if time_s >= from_s - SAME_TIME_S:
                yield number, time_s, frame
            number += 1

    def _seconds(self, pts: int) -> float:
        return float((pts - (self._origin or 0)) * self.stream.time_base)

    def _count_before(self, target: int) -> int:
        """How many pictures are shown before a time stamp; reads the file once more and decodes nothing."""
        number = 0
        with open_clip(self._path) as container:
            for packet in container.demux(container.streams[self.stream.index]):
                if packet.dts is not None and packet.dts > target:  # no picture is decoded later than it is shown
                    break
                number += packet.pts is not None and self._origin <= packet.pts < target
        return number

    def _seek(self, target: int) -> Iterator[av.VideoFrame]:
        self._container.seek(target, stream=self.stream)
        frames = self._decode()
        landed = next(frames, None)
        if landed is None or landed.pts is None or landed.pts > target:
            # Some formats land behind what was asked for; those are decoded from their beginning.
            self._reopen()
            frames = self._decode()
            landed = next(frames)
        return dropwhile(lambda frame: frame.pts is not None and frame.pts < target, chain((landed,), frames))

    def _reopen(self) -> None:
        self.__exit__()
        self._container = open_clip(self._path)
        self.stream = _video_stream(self._container, self._path)
        self.stream.thread_type = "AUTO"

    def _decode(self) -> Iterator[av.VideoFrame]:
        """Every undamaged picture from here on; the first damage is noted."""
        packets = self._container.demux(self.stream)
        last_pts = self._origin
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError:
                self._note_damage(last_pts)
                return
            if packet is None:
                return
            try:
                frames = packet.decode()
            except av.FFmpegError:
                self._note_damage(packet.pts)
                continue
            for frame in frames:
                last_pts = frame.pts
                if frame.is_corrupt:
                    self._note_damage(frame.pts)
                else:
                    yield frame

    def _note_damage(self, pts: int | None) -> None:
        if self.damaged_s is None:
            self.damaged_s = 0.0 if pts is None or self._origin is None else max(self._seconds(pts), 0.0)


def open_clip(path: Path) -> av.container.InputContainer:
    """Open a video file, whatever is in it, and nothing that its content names.

    Raises:
        VideoError: There is no such file, or it is no video.
    """
    if not path.is_file():
        raise VideoError(f"{path}: there is no such file")
    try:
        if path.stat().st_size == 0:
            raise VideoError(f"{path}: is empty")
        # Titles in an encoding of old are no reason to refuse a clip.
        return av.open(str(path.resolve()), options=_OPEN_OPTIONS, metadata_errors="replace")
    except PermissionError:
        raise VideoError(f"{path}: may not be read by you") from None
    except (av.FFmpegError, OSError):
        raise VideoError(
            f"{path}: is no video that can be read (MP4, MOV, MKV, WebM, AVI and the like), or it is cut off "
            "or damaged so that nothing of it is left"
        ) from None


def _video_stream(container: av.container.InputContainer, path: Path) -> av.VideoStream:
    # The cover of a piece of music is a video stream too, to FFmpeg.
    moving = [
        stream
        for stream in container.streams.video
        if not stream.disposition & av.stream.Disposition.attached_pic and stream.codec_context is not None
    ]
    if not moving:
        raise VideoError(f"{path}: holds no video")
    return max(moving, key=lambda stream: stream.width * stream.height)
