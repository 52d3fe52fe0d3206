"""A stranger's picture is taken in: its pixels are kept, and what a mark on it says of who made it (storage.watermark_settings).

The file's own metadata goes, so that what we make of the picture carries one item, ours.
"""

import structlog

from lettering import marks
from storage import Storage, looks, photos, watermark_settings
from storage.photos import Photo

log = structlog.get_logger()


def take_in(store: Storage, data: bytes, owner: str) -> Photo:
    """Keep a picture that somebody sent. Raises PhotoError (see storage.photos.put) and StorageError."""
    photo = photos.put(store, data, owner)  # takes the write lock by itself, once it has decoded
    looks.ask(store, photo.sha256, owner)
    item = marks.item_in(data)
    if item is not None:
        watermark_settings.came_marked(store, photo, item["ContentProducer"], item["ProduceID"])
        log.info("came marked", photo=photo.sha256[:12], produce_id=item["ProduceID"][:64])
    return photo
