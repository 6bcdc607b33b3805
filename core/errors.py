"""What can go wrong in the engine through a user's input. The message is one sentence fit to be shown."""

import errno
import os

_OF_THE_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}


class MienError(Exception):
    """Base of every error that the engine raises on purpose."""


class ImageError(MienError):
    """A picture that cannot be read."""


class AssetError(MienError):
    """A third-party model file that is missing, refused, or cannot be fetched."""


class ModelError(MienError):
    """A model of `models/` that is missing, altered, or does not fit this version."""


class VideoError(MienError):
    """A video that cannot be read or written."""


class SinkError(MienError):
    """A table that cannot be written."""


def disk_trouble(error: OSError) -> str | None:
    """A sentence for what a full disk, a missing right or a broken disk did anywhere in a command; else None."""
    if error.errno not in _OF_THE_DISK:
        return None
    where = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
    return f"{where}{os.strerror(error.errno)}; make room or see to its rights, and give the same command again"
