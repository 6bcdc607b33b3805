"""How many live streams two cores carry: `python -m benchmarks.speed.live_capacity [--seconds S] [--most N]`.

Peers in a second process send 15 frames a second (640x480) over loopback WebRTC. This process reads, marks and returns
them as the live page does: streamlit-webrtc's worker, the page's callback, late frames dropped. Each picture shows its
number as black and white squares, by which the peers know when they sent it. Both processes share the cores; the peers'
frames are encoded beforehand, but they decode what comes back, which browsers do on other machines. N peers are carried
if each gets 10 new frames a second, and 95 of 100 frames within 200 ms.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import sys
import threading
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay

from benchmarks.pictures import frame
from webapp.ui.live.promptness import hand_on_at_once

FRAMES_A_SECOND = 15
WANTED_A_SECOND, WANTED_MS = 10.0, 200.0
WARM_UP_S = 4.0  # time in which the encoders find their bit rate
LOOP = 150  # frames until the numbers repeat: ten seconds, longer than any frame is on its way
_BITS, _SQUARE = 8, 40
_NEVER_MS = 1e6  # the delay of a peer to whom nothing comes back


def picture(number: int) -> np.ndarray:
    """The portrait with the number in squares along the upper edge."""
    canvas = frame()
    for bit in range(_BITS):
        canvas[:_SQUARE, bit * _SQUARE : (bit + 1) * _SQUARE] = 255 * (number >> bit & 1)
    return canvas


def number_in(grey: np.ndarray) -> int:
    """The number that a picture carries."""
    middles = grey[_SQUARE // 4 : 3 * _SQUARE // 4, : _BITS * _SQUARE].reshape(_SQUARE // 2, _BITS, _SQUARE)
    bright = middles[:, :, _SQUARE // 4 : 3 * _SQUARE // 4].mean(axis=(0, 2)) > 127
    return int(bright @ (1 << np.arange(_BITS)))


def encoded() -> list[bytes]:
    """The `LOOP` frames as VP8 packets."""
    codec = av.CodecContext.create("libvpx", "w")
    codec.width, codec.height, codec.pix_fmt = 640, 480, "yuv420p"
    codec.time_base, codec.framerate = Fraction(1, FRAMES_A_SECOND), Fraction(FRAMES_A_SECOND)
    codec.bit_rate, codec.gop_size = 1_000_000, FRAMES_A_SECOND
    codec.options = {"deadline": "realtime", "cpu-used": "4", "lag-in-frames": "0"}
    packets = []
    for number in range(LOOP):
        frame = av.VideoFrame.from_ndarray(picture(number), format="rgb24")
        frame.pts = number
        packets += codec.encode(frame)
    return [bytes(packet) for packet in packets + codec.encode(None)]


class Film(MediaStreamTrack):
    """Track that sends the encoded film at its rate, and notes when each frame left.

    Attributes:
        sent_s: Time at which each frame of the film was last sent, in seconds.
    """

    kind = "video"

    def __init__(self, packets: list[bytes]):
        super().__init__()
        self._packets, self._next, self._began = packets, 0, time.perf_counter()
        self.sent_s = [0.0] * LOOP

    async def recv(self) -> av.Packet:
        await asyncio.sleep(self._began + self._next / FRAMES_A_SECOND - time.perf_counter())
        number = self._next % LOOP
        packet = av.Packet(self._packets[number])
        packet.pts, packet.time_base = self._next * (90_000 // FRAMES_A_SECOND), Fraction(1, 90_000)
        self.sent_s[number] = time.perf_counter()
        self._next += 1
        return packet


async def _watch(track: MediaStreamTrack, film: Film, arrivals: list[tuple[float, float]]) -> None:
    """Note when each new frame came back, and how long it was on its way."""
    last = -1
    while True:
        frame = await track.recv()
        light = frame.planes[0]  # as it was decoded: the squares need no colours
        number = number_in(np.frombuffer(light, np.uint8).reshape(-1, light.line_size))
        if number != last and number < LOOP:
            now, last = time.perf_counter(), number
            arrivals.append((now, now - film.sent_s[number]))


async def _peers(pipe, count: int, seconds: float) -> None:
    packets, connections, watchers, arrivals = encoded(), [], [], []
    for _ in range(count):
        connection, film, times = RTCPeerConnection(RTCConfiguration(iceServers=[])), Film(packets), []

        def watch(track, film=film, times=times):
            watchers.append(asyncio.ensure_future(_watch(track, film, times)))

        connection.on("track", watch)
        connection.addTrack(film)
        await connection.setLocalDescription(await connection.createOffer())
        pipe.send(connection.localDescription.sdp)
        answer = await asyncio.to_thread(pipe.recv)
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        connections.append(connection)
        arrivals.append(times)
    await asyncio.sleep(WARM_UP_S)
    began = time.perf_counter()
    await asyncio.sleep(seconds)
    for watcher in watchers:
        watcher.cancel()
    pipe.send([[late for moment, late in times if moment >= began] for times in arrivals])
    for connection in connections:
        await connection.close()


def peers(pipe, count: int, seconds: float) -> None:
    """Run the peers in the second process, and report the delay of each one's frames."""
    hand_on_at_once()  # as browsers do
    asyncio.run(_peers(pipe, count, seconds))


class Server:
    """The live page's server without the page: what lies between a peer and the callback that reads a frame."""

    def __init__(self):
        from core.recognizer import Recognizer

        self._recognizer = Recognizer(cores=1)  # as the studio has it
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._relay = asyncio.run_coroutine_threadsafe(self._make_relay(), self._loop).result()

    async def _make_relay(self) -> MediaRelay:
        return MediaRelay()

    def carry(self, count: int, seconds: float) -> list[list[float]]:
        """Serve `count` peers for some seconds.

        Returns:
            Delay of each frame that came back, in seconds, for each peer.
        """
        here, there = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(target=peers, args=(there, count, seconds))
        process.start()
        streams, workers = [], []
        try:
            for _ in range(count):
                stream, worker = self._accept(here.recv())
                streams.append(stream)
                workers.append(worker)
                here.send(worker.pc.localDescription.sdp)
            late = here.recv()
            if failures := sum(stream.failures for stream in streams):
                sys.exit(f"{failures} frames could not be read: {streams[0].failure}")
        finally:
            for worker in workers:
                worker.stop()
            process.join(timeout=20)
        return late

    def _accept(self, offer: str):
        from streamlit_webrtc.webrtc import WebRtcMode, WebRtcWorker

        from webapp.ui.live.stream import LiveStream

        stream = LiveStream()
        stream.recognizer, stream.mirror = self._recognizer, False
        unused = (
            *("source_video_track", "source_audio_track", "sink_video_track", "sink_audio_track"),
            *("player_factory", "in_recorder_factory", "out_recorder_factory", "audio_frame_callback"),
            *("queued_video_frames_callback", "queued_audio_frames_callback", "on_audio_ended"),
            *("video_processor_factory", "audio_processor_factory"),
        )
        worker = WebRtcWorker(
            WebRtcMode.SENDRECV,
            RTCConfiguration(iceServers=[]),
            video_frame_callback=stream.read,
            on_video_ended=stream.end,
            async_processing=True,
            video_receiver_size=4,
            audio_receiver_size=4,
            sendback_video=True,
            sendback_audio=True,
            loop=self._loop,
            relay=self._relay,
            **dict.fromkeys(unused),
        )
        worker.process_offer(offer, "offer", timeout=20)
        return stream, worker


def main() -> None:
    """Add peers until one gets too few frames; print the figures of each number, and the largest that was carried."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed.live_capacity", description=__doc__)
    parser.add_argument(
        "--seconds", type=float, default=15.0, help="length of the measurement for each number of peers"
    )
    parser.add_argument("--most", type=int, default=12, help="largest number of peers to try")
    parser.add_argument("--cores", type=int, default=2, help="number of cores for server and peers together")
    parser.add_argument("--out", type=Path, help="JSON file for the figures too")
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cores])
    hand_on_at_once()
    server = Server()
    rows: list[dict] = []
    print(f"{'peers':>5}{'frames a second, slowest':>28}{'median ms':>12}{'95th pct ms, slowest':>24}")
    for count in range(1, options.most + 1):
        late = server.carry(count, options.seconds)
        slowest = min(len(each) for each in late) / options.seconds
        p95 = max(np.percentile(each, 95) * 1e3 if each else _NEVER_MS for each in late)
        median = np.median([value * 1e3 for each in late for value in each] or [_NEVER_MS])
        print(f"{count:>5}{slowest:>28.1f}{median:>12.0f}{p95:>24.0f}", flush=True)
        is_carried = bool(slowest >= WANTED_A_SECOND and p95 < WANTED_MS)
        rows.append({"viewers": count, "a_second": slowest, "ms": float(median), "p95_ms": float(p95)})
        rows[-1]["carried"] = is_carried
        if not is_carried:
            break
    cores = len(os.sched_getaffinity(0))
    print(f"N = {sum(row['carried'] for row in rows)} on {cores} cores")
    if options.out:
        options.out.write_text(json.dumps({"cores": cores, "rows": rows}))


if __name__ == "__main__":
    main()
