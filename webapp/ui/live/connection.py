"""The connection to the browser's camera; the one module that uses streamlit-webrtc."""

from dataclasses import dataclass

import streamlit as st
from aiortc.jitterbuffer import JitterBuffer, JitterFrame

from webapp.ui.live.stream import LiveStream

KEY = "live"
_CAMERA = {"width": {"ideal": 640}, "height": {"ideal": 480}, "frameRate": {"ideal": 15, "max": 30}}
_WORDS = {"start": "Start", "stop": "Stop", "select_device": "Choose camera"}
_PICTURE = {"autoPlay": True, "muted": True, "controls": False, "style": {"width": "100%", "borderRadius": "0.6rem"}}


@dataclass(frozen=True)
class Connection:
    """The state of a stream, as the browser reported it last.

    Attributes:
        signalling: The browser has a camera and asks for a connection.
        playing: The browser says that it is connected.
    """

    signalling: bool = False
    playing: bool = False

    @property
    def wanted(self) -> bool:
        """Whether the viewer has pressed Start and not Stop."""
        return self.signalling or self.playing


def connection() -> Connection:
    """Return the state of the viewer's connection."""
    context = st.session_state.get(KEY)
    return Connection(context.state.signalling, context.state.playing) if context else Connection()


def show(stream: LiveStream, ice_servers: list[dict]) -> Connection:
    """Show the picture with Start, Stop and the choice of camera.

    Args:
        stream: Reads the frames.
        ice_servers: STUN and TURN servers, as WebRTC's `iceServers` lists them.
    """
    # Imported here because TensorFlow and this package crash each other in one process.
    from streamlit_webrtc import webrtc_streamer
    from streamlit_webrtc.webrtc import SignallingTimeoutError

    hand_out_whole_frames()
    try:
        webrtc_streamer(
            KEY,
            rtc_configuration={"iceServers": ice_servers},
            media_stream_constraints={"video": _CAMERA, "audio": False},
            video_frame_callback=stream.read,
            on_video_ended=stream.end,
            video_html_attrs=_PICTURE,
            translations=_WORDS,
        )
    except SignallingTimeoutError:
        st.warning("The server is too busy to answer. Press Stop, wait a little, and press Start again.")
    return connection()


_when_the_next_begins = JitterBuffer._remove_frame


def hand_out_whole_frames() -> None:
    """Let aiortc hand out a video frame at its last packet, from now on, in this process.

    aiortc waits for the first packet of the next frame: 67 ms at 15 frames a second, which a viewer sees as lag. The
    last packet carries RTP's marker bit (RFC 3550; for VP8 RFC 7741, for H.264 RFC 6184), which browsers rely on too.
    """
    JitterBuffer._remove_frame = _at_the_last_packet


def _at_the_last_packet(self: JitterBuffer, sequence_number: int) -> JitterFrame | None:
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
