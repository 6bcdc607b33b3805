"""The one place that speaks to streamlit-webrtc."""

from dataclasses import dataclass

import streamlit as st

from webapp.ui.live_stream import LiveStream

KEY = "live"
_CAMERA = {"width": {"ideal": 640}, "height": {"ideal": 480}, "frameRate": {"ideal": 15, "max": 30}}
_WORDS = {"start": "Start", "stop": "Stop", "select_device": "Choose camera"}
_PICTURE = {"autoPlay": True, "muted": True, "controls": False, "style": {"width": "100%", "borderRadius": "0.6rem"}}


@dataclass(frozen=True)
class Connection:
    """How far a stream has come: asked for with Start, and with pictures on the way."""

    signalling: bool = False
    playing: bool = False

    @property
    def wanted(self) -> bool:
        """Whether the viewer has pressed Start and not Stop."""
        return self.signalling or self.playing


def connection() -> Connection:
    """As the browser reported it last."""
    context = st.session_state.get(KEY)
    return Connection(context.state.signalling, context.state.playing) if context else Connection()


def show(stream: LiveStream, ice_servers: list[dict]) -> Connection:
    """The picture with Start, Stop and the choice of camera."""
    # Imported here, and only for the live page: TensorFlow and this package crash each other.
    from streamlit_webrtc import webrtc_streamer
    from streamlit_webrtc.webrtc import SignallingTimeoutError

    from webapp.ui.live_latency import hand_out_whole_frames

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
