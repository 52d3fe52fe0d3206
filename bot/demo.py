"""The demonstration, first with real photos, then in the drawn world: somebody new is taught from a few pictures and joins
a photo, then one edit of each kind, a style taught from four pictures, and four stickers; every result as a file, and one
sheet of all of them.

What is shown comes from the samples: the first of their sentences that does each of SHOWN.
"""

import time
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import click
from PIL import Image, ImageDraw, ImageOps

from bot import learning, parser, replies, samples
from bot.platforms import Outgoing
from bot.platforms.terminal.conversation import USER, Terminal
from lettering.font import font
from storage import HeyingError, files, photos

SHOWN = ("insert", "replace", "recolor", "restyle", "background", "remove", "id_photo", "adjust")
TILE, GAP, LINE = 256, 20, 40  # pixels of the sheet
PAPER, INK, SOFT = "#f4f3f8", "#1d1a2b", "#6b6680"


async def teach(terminal: Terminal, name: str, kind: str, pictures: Sequence[Path]) -> None:
    """Learn a name from pictures and say how it went. Raises HeyingError when it comes to nothing."""
    if not learning.LEAST <= len(pictures) <= learning.MOST:
        sentence = replies.reference_count(name, len(pictures), learning.LEAST, learning.MOST)
        raise HeyingError(sentence, f"{len(pictures)} references")
    references = [terminal.take_in(picture) for picture in pictures]
    _, job = learning.begin(terminal.store, f"{terminal.name}:{name}", USER, terminal.chat, name, kind, references)
    heard = await terminal.wait()
    text = "\n".join(out.text for out in heard)
    if not any(button.action.startswith("with:") for out in heard for button in out.buttons):
        raise HeyingError(text, f"job {job.id} failed")
    click.echo(text)


def people() -> tuple[samples.Sample, ...]:
    """The people whom the demonstration teaches."""
    taught = [sample for sample in samples.load() if sample.name]
    return tuple(sample for sample in taught[:1] if sample.kind == "person")


async def show(terminal: Terminal, output: Path) -> None:
    """Run the demonstration and write its pictures to ``output``. Raises HeyingError when a step comes to nothing."""
    began = time.monotonic()
    known = samples.load()
    worlds = [world for real in (True, False) if (world := [one for one in known if one.real == real])]
    if not any(sample.name for world in worlds for sample in world):
        raise HeyingError(replies.NO_SAMPLES, "no samples")
    scenes = [scene for world in worlds for scene in _script(world)]
    rows: list[tuple[str, Sequence[bytes]]] = []
    for number, (sentence, sample, taught) in enumerate(scenes, 1):
        terminal.before = replies.step_of(number, len(scenes))
        if taught is not None:
            rows.append((taught.title, taught.read()))
            await teach(terminal, taught.name, taught.kind, [taught.folder / file for file in taught.files])
        photo = None if sample is None else sample.read()[0]
        sent = [] if photo is None else [photos.put(terminal.store, photo, USER).sha256]
        made = _pictures(terminal, await terminal.say(sentence, sent))
        rows.append((sentence, made if photo is None else (photo, made[-1])))
        for place, picture in enumerate(made if photo is None else made[-1:], 1):
            name = f"{number:02}-{sentence}" + (f"-{place}" if photo is None else "")
            files.write(output / f"{name}.png", picture)
        click.echo(f"{terminal.before}{sentence} → {output}")
    sheet = output / f"{replies.SHEET}.png"
    files.write(sheet, contact_sheet(rows))
    click.echo(replies.demo_done(str(sheet), time.monotonic() - began))


Scene = tuple[str, samples.Sample | None, samples.Sample | None]


def _script(world: Sequence[samples.Sample]) -> Iterator[Scene]:
    """What is shown of the real photos, or of the drawn ones: a sentence, the photo it is about (None: whom it names), and
    who has to be taught before. Of each kind of edit the first that a sample proposes; then the styles that are taught, put
    on the first photo; then stickers of the first guest."""
    guests = [one for one in world if one.kind == "person"][:1]
    spoken = [(sample, sentence) for sample in world if not sample.name for sentence in sample.sentences]
    names = [guest.name for guest in guests]
    waiting = list(guests)
    for operation in SHOWN:
        for sample, sentence in spoken:
            steps = parser.parse(sentence, concepts=names, photos=1).steps
            if steps and steps[0].operation == operation and (operation != "insert" or steps[0].concept):
                yield sentence, sample, waiting.pop() if operation == "insert" and waiting else None
                break
    for style in (one for one in world if one.kind == "style"):
        yield replies.idea_with(style.name, style.kind), spoken[0][0], style
    for guest in guests:
        yield replies.four_stickers(guest.name), None, waiting.pop() if waiting else None


def _pictures(terminal: Terminal, heard: Sequence[Outgoing]) -> tuple[bytes, ...]:
    """The pictures made. Raises HeyingError with what was said when there are none."""
    made = [sha for out in heard for sha in out.stickers or out.images]
    if not made:
        raise HeyingError("\n".join(out.text for out in heard), "no picture came of a sentence of the demonstration")
    return tuple(photos.read(terminal.store, sha, USER) for sha in made)


def contact_sheet(rows: Sequence[tuple[str, Sequence[bytes]]]) -> bytes:
    """Rows of a sentence and its pictures → one PNG, two rows of two pictures beside each other where they fit."""
    title, small = font(30), font(20)
    wide = 4 * TILE + 5 * GAP
    places: list[tuple[int, int, str, Sequence[bytes]]] = []
    x, y = GAP, 2 * GAP + LINE
    for sentence, pictures in rows:
        width = len(pictures) * (TILE + GAP)
        if x > GAP and x + width > wide:
            x, y = GAP, y + TILE + LINE + GAP
        places.append((x, y, sentence, pictures))
        x += width
    sheet = Image.new("RGB", (wide, y + TILE + LINE + GAP), PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((GAP, GAP), replies.TITLE, INK, title)
    draw.text((GAP + 80, GAP + 9), replies.SUBTITLE, SOFT, small)
    for x, y, sentence, pictures in places:
        draw.text((x, y), sentence, INK, small)
        for number, data in enumerate(pictures):
            with Image.open(BytesIO(data)) as picture:
                tile = ImageOps.fit(
                    picture.convert("RGBA"), (TILE, TILE), Image.Resampling.LANCZOS, centering=(0.5, 0.2)
                )
            sheet.paste(tile, (x + number * (TILE + GAP), y + LINE - 6), tile)
            if len(pictures) == 2 and number == 1:
                draw.text((x + TILE + 3, y + LINE - 6 + TILE // 2 - 12), "→", SOFT, small)
    out = BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()
