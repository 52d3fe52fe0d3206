"""`python -m evaluation.photos FOLDER... -o OUT`: how well real photos are edited, as a table and a page of pictures.

The folders hold photos (and, if there are any, labels.json, pairs.csv and frames/ of a film). Photos of real people are shown in
the page: it is written where you say, and is not for publishing.
"""

from collections.abc import Callable
from pathlib import Path

import click

from evaluation import photos_identity as identity
from evaluation import photos_measure as measure
from evaluation import photos_removal as removal
from evaluation.engines import engine_of
from evaluation.photos_orders import orders
from evaluation.photos_page import Figure, Gallery, written
from evaluation.photos_truth import frames, labels, pairs
from evaluation.photos_truth import photos as read
from pipeline.compositing.engine import Compositing

PARTS = ("persons", "mattes", "again", "scene", "removals", "filmed", "identities", "seconds", "memory", "orders")
BY_ENGINE = ("removals", "filmed", "orders")  # what any engine can be measured by


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "-o", "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where the page goes."
)
@click.option("--models", type=click.Path(path_type=Path), default=Path("models/vision"), show_default=True)
@click.option("--part", "parts", multiple=True, type=click.Choice(PARTS), help="Only this (may be repeated).")
@click.option("--engine", "named", help="Measure this engine of config.toml; the looks are still vision's.")
@click.option("--limit", default=24, show_default=True, help="People (or frames) at most in each measure.")
@click.option("--loops", default=100, show_default=True, help="Photos of the memory measure.")
def main(
    folders: tuple[Path, ...],
    out: Path,
    models: Path,
    parts: tuple[str, ...],
    named: str | None,
    limit: int,
    loops: int,
) -> None:
    """Measure the compositing engine, or another one, on folders of photos."""
    engine = Compositing(models)
    by = engine_of(named) if named else engine
    if named and (strangers := set(parts) - set(BY_ENGINE)):
        raise click.BadParameter(
            f"{', '.join(sorted(strangers))}: compositing alone is measured by this", param_hint="--part"
        )
    pictures, labelled, known, film = list(read(folders)), labels(folders), pairs(folders), frames(folders)
    figures: list[Figure] = []
    galleries: list[Gallery] = []
    out.mkdir(parents=True, exist_ok=True)
    for part in parts or (BY_ENGINE if named else PARTS):
        measured: dict[str, Callable[[], tuple[list[Figure], Gallery | None]]] = {
            "persons": lambda: (identity.persons(engine, pictures, labelled), None),
            "mattes": lambda: measure.mattes(engine, pictures, limit),
            "again": lambda: measure.again(engine, pictures, limit),
            "scene": lambda: measure.again(engine, pictures, limit, reporting=True),
            "removals": lambda: removal.removals(engine, pictures, limit, by),
            "filmed": lambda: removal.filmed(by, film, max(1, len(film) // limit)),
            "identities": lambda: (identity.identities(engine, pictures, known, limit), None),
            "seconds": lambda: (measure.seconds(engine, pictures), None),
            "orders": lambda: orders(by, pictures, limit),
            "memory": lambda: (measure.memory(engine, pictures, loops), None),
        }
        found, gallery = measured[part]()
        figures += found
        if gallery is not None:
            galleries.append(gallery)
        for one in found:
            mark = {True: "✓", False: "✗", None: " "}[one.reached]
            click.echo(f"{mark} {one.what:58} {one.value:28} of {one.count:4}  {one.asked}")
        written(out, figures, galleries)
    click.echo(f"pictures: {out / 'photos.html'}")


if __name__ == "__main__":
    main()
