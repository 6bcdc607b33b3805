"""What can go wrong in the engine through a user's input. The message is one sentence fit to be shown."""


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
