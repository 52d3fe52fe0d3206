"""The page: made from what is stored, whole in itself, and true to the figures."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from evaluation import charts, markdown, report
from evaluation.attempt import as_tensor
from evaluation.cases import case_of, digest
from evaluation.comparisons import beats
from evaluation.methods import recipe_digest
from evaluation.results import PICTURES, Figures, Result, Results
from miniature import draw

WEIGHTS = "0123456789abcdef"
METHODS = {"unchanged": 0.0, "ddim": 0.5, "prompt_to_prompt": 1.0, "sdedit": 0.75}


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of four methods in two suites and one strength sweep; the figures are made up, the pictures drawn."""
    folder = tmp_path_factory.mktemp("stored")
    results = Results(folder)
    for suite in ("replace", "recolor"):
        for number in range(12):
            case = case_of(suite, 1000, number)
            for method, share in METHODS.items():
                good = number < 12 * share
                figures = Figures(good, 30.0, 29.0, 0.9, 15.0 + number + 5 * good, 80.0, 0.5, 4 * share + 1, 80, 0, "")
                told = (
                    suite,
                    number,
                    method,
                    1000,
                    20,
                    WEIGHTS,
                    digest(suite, 1000, number),
                    recipe_digest(method, suite),
                )
                picture = as_tensor(draw.paint(case.after if good else case.before))
                results.add(Result(*told, case.sentence, figures), picture)
                for strength in (0.5, 1.5) if method == "sdedit" and number < 2 else ():
                    varied = (suite, number, f"sdedit@{strength}", *told[3:])
                    results.add(Result(*varied, case.sentence, figures), torch.zeros(1, 3, 128, 128))
    return folder


@pytest.fixture(scope="module")
def page(stored: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of those."""
    out = tmp_path_factory.mktemp("page") / "report.html"
    result = CliRunner().invoke(report.main, ["--results", str(stored), "--out", str(out)])
    assert result.exit_code == 0, result.output
    return out.read_text("utf-8")


class Tags(HTMLParser):
    """Which tags are open, and what pages refer to."""

    VOID = frozenset(("meta", "img"))

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.links += [told[name] or "" for name in ("src", "href") if name in told]
        self.ids |= {told["id"] or ""} if "id" in told else set()
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_in_itself(page: str) -> None:
    """Well formed; nothing is fetched from elsewhere, every link leads to a place in it."""
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    inside = [link for link in tags.links if link.startswith("#")]
    assert {link[1:] for link in inside} <= tags.ids
    assert all(link.startswith("data:image/webp;base64,") for link in tags.links if link and link not in inside)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page)
    assert len(page.encode()) < 3 * 2**20


def test_the_figures_are_those_that_were_stored(page: str, stored: Path) -> None:
    """Shares, counts, who is taken; best, median and worst are by that method."""
    told = report.context(report.select(Results(stored)), None)
    lines = {line["method"]: line["cells"] for line in told["matrix"]["lines"]}
    assert [cell["success"] for cell in lines["sdedit"]] == [0.75, 0.75]
    assert [cell["taken"] for cell in lines["prompt_to_prompt"]] == [False, True]
    assert "sdedit@0.5" not in lines
    suite = told["suites"][1]
    assert suite["taken"] == "prompt_to_prompt"  # what the shipped model recolours with
    numbers = [case_of("recolor", 1000, number).sentence for number in (11, 6, 0)]
    assert [case["sentence"] for case in suite["cases"]] == numbers
    assert [one["method"] for one in told["strengths"]] == ["sdedit"]
    assert [point[0] for point in told["strengths"][0]["points"]] == [0.5, 1.0, 1.5]
    assert f"{12 * 6 + 8:,} edits" in page


def test_other_worlds_weights_and_settings_are_left_out(stored: Path) -> None:
    """Results of cases that are no longer made, of another model or of settings of before, are not mixed in."""
    store = Results(stored)
    some = next(iter(store))
    store.folder = None
    recipe = recipe_digest("sdedit", "replace")
    store.add(Result("replace", 0, "sdedit", 1000, 20, WEIGHTS, "of another world", recipe, "", some.figures))
    store.add(Result("replace", 0, "sdedit", 1000, 20, WEIGHTS, some.asks, "0" * 8, "", some.figures))
    store.add(Result("replace", 0, "sdedit", 1000, 20, "f" * 16, some.asks, recipe, "", some.figures))
    chosen = report.select(store)
    assert chosen.weights == WEIGHTS
    assert len(chosen.results) == 12 * 8 + 8
    with pytest.raises(ValueError, match="no results"):
        report.select(store, weights="e" * 16)


def test_nothing_stored_is_a_sentence(tmp_path: Path) -> None:
    """With the command that stores something."""
    result = CliRunner().invoke(report.main, ["--results", str(tmp_path), "--out", str(tmp_path / "report.html")])
    assert result.exit_code == 1
    assert "evaluation.benchmark" in result.output


def test_tidying_keeps_what_the_page_shows(stored: Path, tmp_path: Path) -> None:
    """All other pictures go, all figures stay, and the page comes out the same."""
    before = report.context(report.select(Results(stored)), None)
    assert report.tidy(stored, before) > 0
    after = report.context(report.select(Results(stored)), None)
    assert report.render(after) == report.render(before)
    shown = {one["file"] for suite in after["suites"] for case in suite["cases"] for one in case["made"]}
    assert {f"{PICTURES}/{path.name}" for path in (stored / PICTURES).iterdir()} >= shown


def test_names_in_the_plot_do_not_cover_each_other() -> None:
    """Even where the dots are close."""
    names = ["prompt_to_prompt", "plug_and_play", "pix2pix_zero", "masactrl", "sdedit", "ledits"]
    dots = [(300.0 + 9 * i, 100.0 + 4 * i) for i in range(len(names))]
    boxes = [
        charts._space(x, y, anchor, 7.8 * len(name))
        for (x, y, anchor), name in zip(charts._apart(dots, names), names, strict=True)
    ]
    for i, one in enumerate(boxes):
        for other in boxes[:i]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart


def test_the_plot_says_what_it_is_told() -> None:
    """Cheap left, good above; intervals as lines."""
    dots = [charts.Dot("sdedit", 1.0, 0.9, 0.8, 1.0), charts.Dot("imagic", 100.0, 0.5, 0.3, 0.7, taken=True)]
    drawn = charts.cost_against_success(dots)
    (x1, y1), (x2, y2) = (tuple(map(float, m)) for m in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', drawn))
    assert x1 < x2
    assert y1 < y2
    assert "90 % [80–100]" in drawn
    assert drawn.count("whisker") == 2


def _results(method: str, successes: list[bool], outside: list[float], first: int = 0) -> list[Result]:
    return [
        Result("replace", first + i, method, 1000, 20, WEIGHTS, "", "", "", Figures(
            good, kept, 0.0, 0.0, 20.0, 80.0, 0.5, 1.0, 80, 0, "", structure=kept / 10,
        ))
        for i, (good, kept) in enumerate(zip(successes, outside, strict=True))
    ]  # fmt: skip


def test_methods_are_compared_on_the_same_photos() -> None:
    """What differs between photos hides nothing; other photos, and too few, say nothing."""
    spread = [20.0 + 2 * i for i in range(10)]
    found = {
        ("replace", "unchanged"): _results("unchanged", [False] * 10, spread),
        ("replace", "ddim"): _results("ddim", [True, False] * 5, spread),
        ("replace", "sdedit"): _results("sdedit", [True, False] * 5, [x + 0.5 for x in spread]),
        ("replace", "mdp"): _results("mdp", [True] * 10, [x + 9.0 for x in spread], first=50),
        ("replace", "ledits"): _results("ledits", [True] * 4, [x + 9.0 for x in spread[:4]]),
    }
    told = {one["method"]: one for one in beats(found, ["replace"])}
    assert [told["sdedit"][key] for key in ("nothing", "ddim", "success", "structure", "psnr_outside")] == [
        1,
        1,
        0,
        0,
        1,
    ]
    assert told["mdp"]["nothing"] == told["mdp"]["ddim"] == 0
    assert told["ledits"]["nothing"] == told["ledits"]["ddim"] == 0


def test_the_readme_s_tables_are_the_results(stored: Path, tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    marks = "".join(f"{name}:\n<!-- {name} -->\nold\n<!-- /{name} -->\n" for name in ("edits", "beats", "hard"))
    page.write_text(f"before\n{marks}after\n", "utf-8")
    for _ in range(2):  # the second time over the first
        result = CliRunner().invoke(markdown.main, ["--results", str(stored), "--page", str(page)])
        assert result.exit_code == 0, result.output
    text = page.read_text("utf-8")
    assert "| sdedit | .75, 30.0, 24.2, 4.0 | .75, 30.0, 24.2, 4.0 |" in text
    assert "| **prompt_to_prompt**" not in text
    assert re.search(r"\| prompt_to_prompt \| 1.00, 30.0, [^|]* \| \*\*1.00\*\*, 30.0,", text)
    assert "| prompt_to_prompt | 2 | 2 | 2 |" in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    page.write_text("no marks\n", "utf-8")
    assert CliRunner().invoke(markdown.main, ["--results", str(stored), "--page", str(page)]).exit_code == 1
    assert page.read_text("utf-8") == "no marks\n"
