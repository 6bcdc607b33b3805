"""The connection to the browser's camera, which streamlit-webrtc keeps."""

from dataclasses import dataclass

import streamlit as st

from webapp.ui.live.promptness import hand_on_at_once
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

    hand_on_at_once()
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
