"""What reading a file of arrays, .npz, raises where it is damaged or made to do harm. Needs nothing but Python."""

from __future__ import annotations

import lzma
import tokenize
import zipfile
import zlib

DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    LookupError,
    RuntimeError,  # a password, or a kind of zip that Python does not know
    MemoryError,  # a shape that no machine holds
    SyntaxError,  # NumPy reads the header of an array as Python writes it
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)
