"""The demonstration: somebody new is taught from four pictures and joins a group photo, then one edit of each kind, a
style taught from four pictures, and four stickers; every result as a file, and one sheet of all of them.

What is shown comes from the samples: the first of their sentences that does each of SHOWN.
"""

import time
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import click
from PIL import Image, ImageDraw

from bot import learning, parser, replies, samples
from bot.platforms import Outgoing
from bot.platforms.terminal.conversation import USER, Terminal
from lettering.font import font
from storage import HeyingError, files, photos

SHOWN = ("insert", "replace", "recolor", "restyle", "background", "remove")
TILE, GAP, LINE = 256, 20, 40  # pixels of the sheet
PAPER, INK, SOFT = "#f4f3f8", "#1d1a2b", "#6b6680"


async def teach(terminal: Terminal, name: str, kind: str, pictures: Sequence[Path]) -> None:
    """Learn a name from pictures and say how it went. Raises HeyingError when it comes to nothing."""
    if not learning.LEAST <= len(pictures) <= learning.MOST:
        sentence = replies.reference_count(name, len(pictures), learning.LEAST, learning.MOST)
        raise HeyingError(sentence, f"{len(pictures)} references")
    references = [terminal.take_in(picture) for picture in pictures]
    if kind == "person":
        click.echo(replies.consent(name), err=True)
    _, job = learning.begin(terminal.store, f"{terminal.name}:{name}", USER, terminal.chat, name, kind, references)
    heard = await terminal.wait()
    text = "\n".join(out.text for out in heard)
    if not any(button.action.startswith("with:") for out in heard for button in out.buttons):
        raise HeyingError(text, f"job {job.id} failed")
    click.echo(text)


async def show(terminal: Terminal, output: Path) -> None:
    """Run the demonstration and write its pictures to ``output``. Raises HeyingError when a step comes to nothing."""
    began = time.monotonic()
    taught = [sample for sample in samples.load() if sample.name]
    if not taught:
        raise HeyingError(replies.NO_SAMPLES, "no samples")
    guest, styles = taught[0], [sample for sample in taught if sample.kind == "style"]
    script = list(_script(guest.name, styles))
    total, rows = len(script) + 2, [(guest.title, guest.read())]
    terminal.before = replies.step_of(1, total)
    await teach(terminal, guest.name, guest.kind, [guest.folder / file for file in guest.files])
    for number, (sample, sentence, style) in enumerate(script, 2):
        terminal.before = replies.step_of(number, total)
        if style is not None:
            rows.append((style.title, style.read()))
            await teach(terminal, style.name, style.kind, [style.folder / file for file in style.files])
        picture = sample.read()[0]
        heard = await terminal.say(sentence, [photos.put(terminal.store, picture, USER).sha256])
        made = _pictures(terminal, heard)
        rows.append((sentence, (picture, made[-1])))
        files.write(output / f"{number - 1}-{sentence}.png", made[-1])
        click.echo(f"{terminal.before}{sentence} → {output / f'{number - 1}-{sentence}.png'}")
    terminal.before = replies.step_of(total, total)
    sentence = replies.four_stickers(guest.name)
    stickers = _pictures(terminal, await terminal.say(sentence))
    rows.append((sentence, stickers))
    for number, sticker in enumerate(stickers, 1):
        files.write(output / f"{total - 1}-{replies.STICKER}{number}.png", sticker)
    sheet = output / f"{replies.SHEET}.png"
    files.write(sheet, contact_sheet(rows))
    click.echo(replies.demo_done(str(sheet), time.monotonic() - began))


def _script(name: str, styles: Sequence[samples.Sample]) -> Iterator[tuple[samples.Sample, str, samples.Sample | None]]:
    """For each kind of edit the first sample photo and sentence that does it; then the styles that are taught before they
    are put on the first photo."""
    spoken = [(sample, sentence) for sample in samples.load() if not sample.name for sentence in sample.sentences]
    for operation in SHOWN:
        for sample, sentence in spoken:
            steps = parser.parse(sentence, concepts=[name], photos=1).steps
            if steps and steps[0].operation == operation and (operation != "insert" or steps[0].concept):
                yield sample, sentence, None
                break
    for style in styles:
        yield spoken[0][0], replies.idea_with(style.name, style.kind), style


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
                tile = picture.convert("RGBA").resize((TILE, TILE), Image.Resampling.LANCZOS)
            sheet.paste(tile, (x + number * (TILE + GAP), y + LINE - 6), tile)
            if len(pictures) == 2 and number == 1:
                draw.text((x + TILE + 3, y + LINE - 6 + TILE // 2 - 12), "→", SOFT, small)
    out = BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()
