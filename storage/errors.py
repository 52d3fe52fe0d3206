"""What can go wrong, as sentences.

The tree (each class stands beside the code that raises it, except the two roots here)::

    HeyingError                 everything we raise on purpose
    ├── StorageError            the disk or the database: full, locked, written by a newer version
    ├── SettingsError           storage.settings: config.toml or HEYING_* cannot be used
    ├── PhotoError              storage.photos: not a usable picture, or not this user's
    ├── ConceptError            storage.concepts: name, limit, not found
    ├── PackError               storage.packs: sticker or pack not found, full, words too long
    └── JobError                storage.requests: request that cannot be queued
        ├── Cancelled           storage.jobs: the owner took the job back (or asked us to forget everything)
        └── LeaseLost           storage.jobs: another worker holds the job now

pipeline and personalization derive theirs from HeyingError too.
"""


class HeyingError(Exception):
    """An error that a user may be told about.

    ``error.sentence`` is a finished Chinese sentence that says what to do next; ``str(error)`` is exact English for the
    log, and never contains names, tokens or pictures.
    """

    def __init__(self, sentence: str, log: str = "") -> None:
        super().__init__(log or type(self).__name__)
        self.sentence = sentence

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions cross process borders by pickle, which would otherwise pass only the log text.
        return (_revived, (type(self), str(self), self.__dict__))


def _revived(kind: type[HeyingError], log: str, fields: dict[str, object]) -> HeyingError:
    """An error as it was, whatever its own fields are."""
    error = kind.__new__(kind, log)
    error.__dict__.update(fields)
    return error


class StorageError(HeyingError):
    """The data folder or the database cannot be used."""
