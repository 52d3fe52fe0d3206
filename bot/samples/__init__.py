"""The pictures that come along to try things with. samples.json names each photo with its title and sentences, and each
person or pet that can be taught with its references."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
SAY = {
    "person": "这是{}，记住她",
    "pet": "学一下我的宠物，叫{}",
    "object": "学一下这个东西，叫{}",
    "style": "记住这种画风，叫{}",
}
TEACH = {"person": "教我认识{}", "pet": "教我认识{}", "object": "教我认识{}", "style": "教我{}的画风"}


@dataclass(frozen=True, slots=True)
class Sample:
    """``files`` relative to ``folder``; ``sentences`` to say with them; ``name`` and ``kind`` of somebody taught;
    ``credit`` of a real photo, "" for what we drew."""

    folder: Path
    title: str
    files: tuple[str, ...]
    sentences: tuple[str, ...]
    name: str = ""
    kind: str = ""
    credit: str = ""

    @property
    def real(self) -> bool:
        """A photo, not one of our drawings."""
        return bool(self.credit)

    def read(self) -> tuple[bytes, ...]:
        """The bytes of its pictures."""
        return tuple((self.folder / file).read_bytes() for file in self.files)


@lru_cache(maxsize=4)
def load(folder: Path = FOLDER) -> tuple[Sample, ...]:
    """All samples, real photos first, and of both kinds those to be taught first; () where none are shipped."""
    table = folder / "samples.json"
    if not table.is_file():
        return ()
    listed = json.loads(table.read_text("utf-8"))
    photos = [
        Sample(folder, row["title"], (row["file"],), tuple(row["sentences"]), credit=row.get("credit", ""))
        for row in listed["photos"]
    ]
    taught = [
        Sample(
            folder,
            TEACH[row["kind"]].format(name),
            tuple(row["files"]),
            (SAY[row["kind"]].format(name),),
            name,
            row["kind"],
            row.get("credit", ""),
        )
        for row in listed["teach"]
        for name in [row["name"]]
    ]
    return tuple(sorted((*taught, *photos), key=lambda sample: not sample.real))
