"""Keras in a process of its own, which runs one piece of code after the other: see the fixture `keras_tells`.

Each line of its input is JSON: code, and the values that it may use by name. Each line that it answers is JSON too: the
dictionary `told` that the code filled, and the text of an error or null.
"""

import json
import os
import sys
import traceback

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what libraries print must not stand between the answers

import keras  # noqa: E402
import numpy as np  # noqa: E402

for line in sys.stdin:
    code, given = json.loads(line)
    told, error = {}, None
    keras.utils.clear_session()
    keras.config.set_dtype_policy("float32")
    try:
        exec(code, {"__name__": "told", "keras": keras, "np": np, "told": told, **given})
        assert "mediapipe" not in sys.modules, "what builds and fits a network needs no MediaPipe"
    except BaseException:
        error = traceback.format_exc()[-3000:]
    print(json.dumps([told, error]), file=answers, flush=True)
