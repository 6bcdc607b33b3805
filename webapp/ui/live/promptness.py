"""Frames that do not wait: what aiortc and streamlit-webrtc would hold back is handed on at once.

Left as they are, the two packages show a viewer what happened two frames ago or more: a frame waits for the first
packet of the next one, then for the next one itself, and then in a queue that never becomes shorter.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import av
from aiortc import MediaStreamTrack
from aiortc.contrib.media import MediaRelay
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.mediastreams import MediaStreamError


def hand_on_at_once() -> None:
    """Let no video frame wait, from now on, in this process."""
    # Imported here because TensorFlow and this package crash each other in one process.
    from streamlit_webrtc import webrtc

    JitterBuffer._remove_frame = _at_the_last_packet
    MediaRelay.subscribe = _to_the_latest
    webrtc.AsyncVideoProcessTrack = PromptTrack


_when_the_next_begins = JitterBuffer._remove_frame


def _at_the_last_packet(self: JitterBuffer, sequence_number: int) -> JitterFrame | None:
    """Hand out a frame at its last packet; aiortc waits for the first one of the next frame.

    The last packet carries RTP's marker bit (RFC 3550; for VP8 RFC 7741, for H.264 RFC 6184), which browsers rely on
    too.
    """
    packets = []
    for place in range(self._origin, self._origin + self.capacity):
        packet = self._packets[place % self.capacity]
        if not self._is_video or packet is None or (packets and packet.timestamp != packets[0].timestamp):
            break  # sound, a gap, or a sender that sets no marker: as aiortc does it
        packets.append(packet)
        if packet.marker:
            self.remove(len(packets))
            return JitterFrame(b"".join(packet._data for packet in packets), packet.timestamp)
    return _when_the_next_begins(self, sequence_number)


_to_all_of_them = MediaRelay.subscribe


def _to_the_latest(self: MediaRelay, track: MediaStreamTrack) -> MediaStreamTrack:
    """Relay the latest picture only; of a queue that was long once, all later pictures would come late."""
    return _to_all_of_them(self, track, buffered=track.kind != "video")


class PromptTrack(MediaStreamTrack):
    """Returns each frame as soon as it is read; streamlit-webrtc's own track returns it with the next frame.

    Args:
        track: Where the frames come from. It gives the latest one, so that what arrives during a reading is left out.
        processor: Reads them: `recv(frame)`, in a thread, and `on_ended()` after the last one.
    """

    kind = "video"

    def __init__(self, track: MediaStreamTrack, processor) -> None:
        super().__init__()
        self._track, self._processor = track, processor
        self._thread = ThreadPoolExecutor(1, "live")
        track.on("ended", self.stop)

    async def recv(self) -> av.VideoFrame:
        """The next frame.

        Raises:
            MediaStreamError: There is none, because the stream has ended.
        """
        frame = await self._track.recv()
        if self.readyState != "live":
            raise MediaStreamError
        loop = asyncio.get_running_loop()
        read = await loop.run_in_executor(self._thread, self._processor.recv, frame)
        read.pts, read.time_base = frame.pts, frame.time_base
        return read

    def stop(self) -> None:
        """End the stream once the frame that is being read is done."""
        if self.readyState == "ended":
            return
        super().stop()
        self._track.stop()
        self._thread.shutdown()
        self._processor.on_ended()
