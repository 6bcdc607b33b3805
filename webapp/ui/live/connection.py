"""The connection to the browser's camera, which streamlit-webrtc keeps."""

import time
from dataclasses import dataclass

import streamlit as st

from webapp.ui.live.promptness import hand_on_at_once
from webapp.ui.live.stream import LiveStream

KEY = "live"
_CAMERA = {"width": {"ideal": 640}, "height": {"ideal": 480}, "frameRate": {"ideal": 15, "max": 30}}
_WORDS = {"select_camera": "Choose camera"}
_PICTURE = {"autoPlay": True, "muted": True, "controls": False, "style": {"width": "100%", "borderRadius": "0.6rem"}}


_PRESSED, _SENT, _HAD, _READY = "live_start_pressed", "live_start_sent", "live_had_camera", "live_ready"
_PRESS_S = 2.0  # how long Start is passed on: the component would otherwise ask for a refused camera for ever
_LOADING_S = 10.0  # a press that is older was for a visit before this one
_AS_IT_IS = "as it is"  # neither true nor false: the component shows no buttons, and neither starts nor stops


@dataclass(frozen=True)
class Connection:
    """The state of a stream, as the browser reported it last.

    Attributes:
        signalling: The browser has a camera and asks for a connection.
        playing: The browser says that it is connected.
        pressed_s: Seconds since the viewer pressed Start; None before that, and after Stop.
    """

    signalling: bool = False
    playing: bool = False
    pressed_s: float | None = None

    @property
    def wanted(self) -> bool:
        """Whether the browser has a camera for the stream, or a connection."""
        return self.signalling or self.playing

    @property
    def starting(self) -> bool:
        """Whether the viewer has just pressed Start, and the browser has not answered yet."""
        return not self.wanted and self.pressed_s is not None and self.pressed_s < _PRESS_S


def connection() -> Connection:
    """Return the state of the viewer's connection."""
    pressed = st.session_state.get(_PRESSED)
    pressed_s = None if pressed is None else time.monotonic() - pressed
    context = st.session_state.get(KEY)
    return Connection(context.state.signalling, context.state.playing, pressed_s) if context else Connection()


def start() -> None:
    """Ask the browser for its camera, when the picture is shown next."""
    st.session_state.update({_PRESSED: time.monotonic(), _HAD: False})


def stop() -> None:
    """Let the camera go, when the picture is shown next."""
    st.session_state[_PRESSED] = None


def settle() -> None:
    """Run the page again if the picture was shown with the wish to start, and that has become old."""
    if st.session_state.get(_SENT) and not connection().starting:
        st.rerun()


def show(stream: LiveStream, ice_servers: list[dict]) -> Connection:
    """Show the picture; `start` and `stop` decide whether there is one.

    Args:
        stream: Reads the frames.
        ice_servers: STUN and TURN servers, as WebRTC's `iceServers` lists them.
    """
    # Imported here because TensorFlow and this package crash each other in one process.
    from streamlit_webrtc import webrtc_streamer
    from streamlit_webrtc.component import generate_frontend_component_key
    from streamlit_webrtc.webrtc import SignallingTimeoutError

    hand_on_at_once()
    ready = st.session_state.get(generate_frontend_component_key(KEY)) is not None
    pressed_s = connection().pressed_s
    if not (ready and st.session_state.get(_READY)) and pressed_s is not None and pressed_s < _LOADING_S:
        st.session_state[_PRESSED] = time.monotonic()  # the component was still loading, and could not hear of it
    st.session_state[_READY] = ready
    now = connection()
    st.session_state[_SENT] = now.starting
    with st.container(key="live-picture"):
        try:
            webrtc_streamer(
                KEY,
                rtc_configuration={"iceServers": ice_servers},
                media_stream_constraints={"video": _CAMERA, "audio": False},
                desired_playing_state=True if now.starting else False if now.pressed_s is None else _AS_IT_IS,
                video_frame_callback=stream.read,
                on_video_ended=stream.end,
                video_html_attrs=_PICTURE,
                translations=_WORDS,
            )
        except SignallingTimeoutError:
            st.warning("The server is too busy to answer. Press Stop, wait a little, and press Start again.")
    if st.session_state.get(_HAD) and not connection().wanted:
        stop()  # the camera or the connection is gone, or the viewer comes back from another page
    st.session_state[_HAD] = connection().wanted
    return connection()
