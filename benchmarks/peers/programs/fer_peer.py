"""fer with its defaults: OpenCV's cascade and the quantised network."""

import cv2
from conversation import converse
from fer.fer import FER

_SIDE, _OFFSET = 192, 10  # FER widens a rectangle by 10 pixels on each side, so that it sees exactly the crop

recognizer = FER()


def answer(picture, kind):
    rectangles = None
    if kind == "crop":
        picture = cv2.resize(picture, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC)
        rectangles = [(_OFFSET, _OFFSET, _SIDE - 2 * _OFFSET, _SIDE - 2 * _OFFSET)]
    faces = recognizer.detect_emotions(picture, face_rectangles=rectangles)
    if not faces:
        return None, 0
    largest = max(faces, key=lambda face: face["box"][2])["emotions"]
    return max(largest, key=largest.get), len(faces)


converse(answer)
