/** The visitor's camera, and what to do where it cannot be had. */

const CAMERA = { width: { ideal: 640 }, height: { ideal: 480 }, facingMode: "user" };

/** @type {Record<string, string>} What the browser says, and one sentence on what to do. */
const SENTENCES = {
  NotAllowedError: "The camera was refused: allow it beside the page's address, then press Start again.",
  NotFoundError: "There is no camera here: connect one and press Start again, or read a photo.",
  NotReadableError: "Another program holds the camera: close it there, then press Start again.",
};

/**
 * Show the camera's picture in a video element.
 *
 * @param {HTMLVideoElement} video
 * @returns {Promise<MediaStreamTrack>} The camera.
 */
export async function open(video) {
  if (!navigator.mediaDevices) throw new Error("A browser gives a camera to pages behind https only: open this one there.");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: CAMERA, audio: false });
  } catch (error) {
    const { name, message } = /** @type {DOMException} */ (error);
    throw new Error(SENTENCES[name] ?? `The camera cannot be opened (${message}): press Start again, or read a photo.`);
  }
  video.srcObject = stream;
  await video.play();
  return stream.getVideoTracks()[0];
}

/**
 * Let go of the camera, so that its light goes out.
 *
 * @param {HTMLVideoElement} video
 */
export function close(video) {
  const stream = /** @type {MediaStream | null} */ (video.srcObject);
  stream?.getTracks().forEach((track) => track.stop());
  video.srcObject = null;
}
