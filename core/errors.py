"""Errors that a user's input can cause. Their message is one sentence fit to be shown: what, where, what to do."""

import errno
import os

_DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}


class MienError(Exception):
    """Base of every error that is raised on purpose."""


class ImageError(MienError):
    """A picture that cannot be read."""


class AssetError(MienError):
    """A third-party model file that is missing, refused, or cannot be fetched."""


class ModelError(MienError):
    """A model that is missing, altered, or does not fit this version."""


class VideoError(MienError):
    """A video that cannot be read or written."""


class SinkError(MienError):
    """A table that cannot be written."""


def disk_trouble(error: OSError) -> str | None:
    """A sentence for an error that a full disk, a missing permission or a broken disk causes; None for any other.

    Examples:
        >>> disk_trouble(OSError(errno.ENOSPC, "full", "photo.csv"))
        'photo.csv: No space left on device; make room or see to its rights, and give the same command again'
    """
    if error.errno not in _DISK_ERRORS:
        return None
    where = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
    return f"{where}{os.strerror(error.errno)}; make room or see to its rights, and give the same command again"
