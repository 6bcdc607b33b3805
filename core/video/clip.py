"""Reading a video file, or a part of it, at the video's own clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import VideoError
from ..readings import Frame
from ..runtime.listing import Listing, files_in
from .decoder import CLIP_SUFFIXES, SAME_TIME_S, Decoder

if TYPE_CHECKING:
    from ..streams.session import Session


@dataclass(frozen=True)
class VideoInfo:
    """What a file says of its video.

    Attributes:
        width: Width of the picture as it is shown, in square pixels.
        height: Height of the picture as it is shown, in square pixels.
        duration_s: Length of the video in seconds, None where the file does not say.
        frames: Number of pictures, None where the file does not say.
        rate: Number of pictures a second, on average.
        rotation: Degrees, counter-clockwise, by which the stored pictures are turned before they are shown.
    """

    width: int
    height: int
    duration_s: float | None
    frames: int | None
    rate: float
    rotation: int


def clips_in(folder: str | Path) -> Listing:
    """List the clips in a folder and in the folders below it, and what was passed over.

    Raises:
        VideoError: The folder may not be opened.
    """
    try:
        return files_in(Path(folder), CLIP_SUFFIXES)
    except OSError as error:
        raise VideoError(f"{folder}: cannot be read ({error.strerror or error})") from error


def probe(path: str | Path) -> VideoInfo:
    """What a video file says of its video.

    Raises:
        VideoError: There is no such file, it holds no video, or nothing of it can be read.

    Examples:
        >>> probe("clip.mp4").duration_s  # doctest: +SKIP
        12.5
    """
    with Decoder(Path(path)) as decoder:
        length = decoder.length
        duration_s = length[0] if length else None
        return VideoInfo(*decoder.size, duration_s, decoder.count, decoder.rate, decoder.turns * 90)


class Clip:
    """A video file, or a part of it. Pictures are decoded one at a time, so that memory does not grow with length.

    Args:
        path: Path of the video file.
        every_n: Distance between two pictures that are read; 1 reads each one.
        from_s: Time at which to begin, in seconds after the file's first picture.
        to_s: Time before which to end, in seconds; None for the end of the file.

    Attributes:
        info: Size, length and rate of the video, as the file states them.
        problem: After the last picture, one sentence on where the file breaks off or is damaged, else None.

    Raises:
        VideoError: There is no such file, it holds no video, or nothing of the chosen part can be read.

    Examples:
        >>> for picture, frame in Clip("clip.mp4", every_n=5).read(session):  # doctest: +SKIP
        ...     print(frame.time_s, [reading.label for reading in frame.readings])
    """

    def __init__(self, path: str | Path, every_n: int = 1, from_s: float = 0.0, to_s: float | None = None) -> None:
        self.path = Path(path)
        self.every_n, self.from_s, self.to_s = every_n, from_s, to_s
        self.info = probe(path)
        self.problem: str | None = None
        length = self.info.duration_s
        if to_s is not None and to_s <= from_s:
            raise VideoError(f"{path}: no time lies between {from_s:g} s and {to_s:g} s")
        if from_s and length is not None and from_s >= length:
            raise VideoError(f"{path}: ends at {length:.1f} s, before {from_s:g} s")

    @property
    def span_s(self) -> float | None:
        """Length of the chosen part in seconds, None where the file does not say."""
        ends = [end for end in (self.to_s, self.info.duration_s) if end is not None]
        return min(ends) - self.from_s if ends else None

    def read(self, session: Session) -> Iterator[tuple[np.ndarray, Frame]]:
        """Each picture with its readings.

        Args:
            session: The session to read with; it must be new, for its clock does not go back.

        Yields:
            A picture, uint8 RGB (height, width, 3), and its frame, whose index is the picture's number in the file.
        """
        for number, time_s, picture in self.pictures():
            yield picture, replace(session.read(picture, time_s), index=number, time_s=time_s)

    def pictures(self) -> Iterator[tuple[int, float, np.ndarray]]:
        """Each picture of the chosen part.

        Yields:
            The picture's number in the file, from 0, its time in seconds, and uint8 RGB (height, width, 3).
        """
        with Decoder(self.path) as decoder:
            start, last, longest_s, shown_s = None, (0, self.from_s), 1 / decoder.rate, 0.0
            for number, time_s, frame in decoder.frames(self.from_s):
                if self.to_s is not None and time_s >= self.to_s - SAME_TIME_S:
                    break
                if start is None:
                    start = number
                else:
                    longest_s = max(longest_s, time_s - last[1])
                last, shown_s = (number, time_s), float((frame.duration or 0) * (frame.time_base or 0))
                if (number - start) % self.every_n == 0:
                    yield number, time_s, decoder.picture(frame)
            else:
                self.problem = self._missing_end(decoder, *last, max(shown_s, 2 * longest_s))
            if self.problem is None and decoder.damaged_s is not None:
                self.problem = f"{self.path}: is damaged near {decoder.damaged_s:.1f} s; the rest was read"

    def _missing_end(self, decoder: Decoder, number: int, last_s: float, shown_s: float) -> str | None:
        # By number too, where it is known: the last picture of a slide show may stand for longer than it says.
        if decoder.length is None or (decoder.count is not None and number + 1 >= decoder.count):
            return None
        length_s, doubt_s = decoder.length
        if length_s - last_s <= shown_s + 0.1 + doubt_s:
            return None
        return f"{self.path}: breaks off at {last_s:.1f} s of {length_s:.1f} s; what comes before was read"


def picture_at(path: str | Path, time_s: float) -> np.ndarray | None:
    """The picture that is shown at a time.

    Args:
        path: Path of the video file.
        time_s: Time after the file's first picture, in seconds.

    Returns:
        Uint8 RGB (height, width, 3); None after the end.

    Raises:
        VideoError: The file cannot be read.
    """
    with Decoder(Path(path)) as decoder:
        return next((decoder.picture(frame) for _, _, frame in decoder.frames(time_s)), None)
