"""Writing pictures with their times as an MP4 that every browser plays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from ..errors import VideoError
from ..output.provenance import Provenance
from .sound import Sound

_TICKS = 90_000
"""How many ticks of the file's clock a second has."""


class VideoWriter:
    """Writes H.264 with the pictures' own times; a context manager.

    The file appears under its name when it is complete; without pictures, or after an error in the block, not at all.
    Its first picture is at 0 seconds, and an odd width or height is made even, as the format wants it.

    Args:
        path: Path of the file.
        rate: How many pictures a second to expect; the times that are written are the pictures' own.
        sound_of: The clip whose sound to carry over, cut to the pictures' times, which are those of the clip; None for
            a silent video.
        made_by: Provenance of the marks in the pictures, for the file's comment.

    Attributes:
        problem: At the end, one sentence on what is missing of the sound, else None.

    Raises:
        VideoError: The file cannot be written.

    Examples:
        >>> with VideoWriter("marked.mp4") as writer:  # doctest: +SKIP
        ...     writer.write(picture, time_s=0.0)
    """

    def __init__(
        self,
        path: str | Path,
        rate: float = 30.0,
        sound_of: str | Path | None = None,
        made_by: Provenance | None = None,
    ) -> None:
        self.path = Path(path)
        self.problem: str | None = None
        self._sound_of, self._made_by = sound_of, made_by
        self._sound: Sound | None = None
        self._partial = self.path.with_name(f".{self.path.name}.partial")
        self._rate = Fraction(rate).limit_denominator(1001)
        self._container: av.container.OutputContainer | None = None
        self._stream: av.VideoStream | None = None
        self._first_s = 0.0
        self._last = -1  # time of the last picture, in ticks
        self._step = 0  # how long it is shown, as the one before

    def __enter__(self) -> VideoWriter:
        with self._errors_named():
            self._partial.touch()  # FFmpeg would find out only at the first picture
            # The index goes to the front, so that a browser can play before it has everything.
            self._container = av.open(str(self._partial), "w", format="mp4", options={"movflags": "faststart"})
            if self._made_by:
                self._container.metadata["comment"] = self._made_by.text()
        return self

    def __exit__(self, error_type, *_) -> None:
        is_complete = error_type is None and self._stream is not None
        try:
            with self._errors_named():
                if is_complete:
                    if self._sound:
                        self._sound.write_until((self._last + self._step) / _TICKS)
                        self.problem = self._sound.problem
                    self._container.mux(self._stream.encode())
                self._container.close()
                if is_complete:
                    self._partial.replace(self.path)
        finally:
            if self._sound:
                self._sound.close()
            self._partial.unlink(missing_ok=True)

    def write(self, picture: np.ndarray, time_s: float) -> None:
        """Add a picture.

        Args:
            picture: Uint8 RGB (height, width, 3), of the size of the first one.
            time_s: Time of the picture, in seconds; one that does not rise is counted as a tick later.

        Raises:
            VideoError: The file cannot be written.
        """
        if self._stream is None:
            self._begin(picture, time_s)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        before = self._last
        self._last = max(self._last + 1, round((time_s - self._first_s) * _TICKS))
        self._step = self._last - before if before >= 0 else round(_TICKS / self._rate)
        frame.pts, frame.time_base = self._last, Fraction(1, _TICKS)
        with self._errors_named():
            if self._sound:
                self._sound.write_until(self._last / _TICKS)
            self._container.mux(self._stream.encode(frame))

    @contextmanager
    def _errors_named(self) -> Iterator[None]:
        try:
            yield
        except (av.FFmpegError, OSError) as error:
            raise VideoError(f"{self.path}: cannot be written ({error.strerror})") from None

    def _begin(self, picture: np.ndarray, time_s: float) -> None:
        height, width = picture.shape[:2]
        # What the encoder keeps in memory to look ahead is bounded: 40 pictures of 4K would be half a gigabyte.
        options = {"preset": "veryfast", "crf": "21", "rc-lookahead": "10"}
        self._stream = self._container.add_stream("libx264", rate=self._rate, options=options)
        self._stream.width, self._stream.height = max(2, width // 2 * 2), max(2, height // 2 * 2)
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = self._stream.time_base = Fraction(1, _TICKS)
        self._stream.codec_context.gop_size = 60  # a player seeks to whole groups
        self._first_s = time_s
        if self._sound_of:
            self._sound = Sound(Path(self._sound_of), self._container, time_s)
