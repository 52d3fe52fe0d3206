"""`python -m bot models` against a hub on loopback: list, get (resumed, checked, mirrored), what goes into config.toml, try."""

import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from bot import cli, models, models_catalogue, samples
from bot.models_catalogue import MODELS, Model
from miniature import WEIGHTS as WORLD
from pipeline import sample
from storage import downloads, settings
from tests.bot.hub_server import REPOSITORY, Hub, serving
from tests.pipeline.editors import tiny

WEIGHTS = np.random.default_rng(0).integers(0, 256, 3_000_000, dtype=np.uint8).tobytes()
FILES = {
    "model_index.json": b'{"_class_name": "Flux2KleinPipeline"}',
    "transformer/config.json": b"{}",
    "transformer/model-00001.safetensors": WEIGHTS,
    "vae/config.json": b"{}",
    "vae/model.safetensors": WEIGHTS[:1000],
    "tokenizer/vocab.json": b"{}",
    "tokenizer/merges.txt": b"a b",
    "README.md": b"# hello",
    "whole-model.safetensors": WEIGHTS,  # the same in one file, for other programs
    "assets/picture.png": b"png",
    "transformer/old.bin": WEIGHTS,
    ".gitattributes": b"x",
}
WANTED = {name for name in FILES if name not in
          ("whole-model.safetensors", "assets/picture.png", "transformer/old.bin", ".gitattributes")}  # fmt: skip
ROOT = Path(__file__).parents[2]
CONFIG = 'data = "data"\nmodels = "models"\nengines = []   # none yet\n\n[web]\nport = 7861\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HEYING_CONFIG", str(tmp_path / "config.toml"))
    for name in ("HF_TOKEN", "HF_ENDPOINT", "MODELSCOPE_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    tiny = Model("Tiny", REPOSITORY, "Apache-2.0", 0.003, 1, 1, "小", settings={"steps": 1})
    bound = Model("Bound", REPOSITORY, "NC", 0.003, 1, 1, "小", terms="不能商用。")
    monkeypatch.setattr(models_catalogue, "MODELS", {"klein-4b": tiny, "kontext": bound})
    monkeypatch.setattr(models, "MODELS", {"klein-4b": tiny, "kontext": bound})
    return tmp_path


def run(*words: str, hub: Hub | None = None, answer: str = "") -> Result:
    env = {"HF_ENDPOINT": hub.address, "MODELSCOPE_ENDPOINT": hub.address} if hub else {}
    return CliRunner().invoke(cli.main, ["models", *words], env=env, input=answer)


def came(home: Path, name: str = "klein-4b") -> set[str]:
    folder = home / "models" / name
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("source", ["huggingface", "modelscope"])
def test_a_model_is_fetched_and_written_into_the_configuration(home: Path, source: str) -> None:
    with serving(FILES) as hub:
        result = run("get", "klein-4b", "--from", source, "--yes", hub=hub)
    assert result.exit_code == 0, result.output
    assert came(home) == WANTED
    assert (home / "models/klein-4b/transformer/model-00001.safetensors").read_bytes() == WEIGHTS
    loaded = settings.load()
    assert [one.kind for one in loaded.drawing] == ["diffusion", "compositing", "editor"]
    editor = loaded.drawing[-1]
    assert (editor.name, editor.steps) == ("klein-4b", 1)
    assert Path(editor.model) == home / "models" / "klein-4b"
    assert loaded.web.port == 7861  # the rest of the file is as it was
    assert "models try" in result.output


def test_fetching_again_downloads_nothing_and_names_nothing_twice(home: Path) -> None:
    with serving(FILES) as hub:
        run("get", "klein-4b", "--yes", hub=hub)
        sent = hub.sent
        again = run("get", "klein-4b", "--yes", hub=hub)
        assert again.exit_code == 0, again.output
        assert hub.sent == sent
    told = tomllib.loads((home / "config.toml").read_text())
    assert [one.get("name") for one in told["engines"]].count("klein-4b") == 1


def test_what_breaks_off_is_taken_up_where_it_broke(home: Path) -> None:
    with serving(FILES, break_after=1_000_000, breaks=2) as hub:
        result = run("get", "klein-4b", "--yes", hub=hub)
        assert result.exit_code == 0, result.output
        asked = [told for path, told in hub.asked if path.endswith("model-00001.safetensors")]
        assert len(asked) == 3
        assert asked[0] == ""
        assert all(told.startswith("bytes=") and told != "bytes=0-" for told in asked[1:])
        assert hub.sent < len(WEIGHTS) * 1.2
    assert (home / "models/klein-4b/transformer/model-00001.safetensors").read_bytes() == WEIGHTS


def test_a_later_run_goes_on(home: Path) -> None:
    with serving(FILES, break_after=300_000, breaks=99) as hub:
        result = run("get", "klein-4b", "--yes", hub=hub)
        assert result.exit_code == 1
        assert "接着下" in result.output
    assert "model_index.json" not in came(home)  # an index means that all is there
    with serving(FILES) as hub:
        assert run("get", "klein-4b", "--yes", hub=hub).exit_code == 0
        assert hub.sent < sum(len(FILES[name]) for name in WANTED) - 1_000_000
    assert came(home) == WANTED


def test_a_server_without_ranges_sends_all_of_it_again(home: Path) -> None:
    with serving(FILES, break_after=1_000_000, breaks=1, ranges=False) as hub:
        assert run("get", "klein-4b", "--yes", hub=hub).exit_code == 0
    assert (home / "models/klein-4b/transformer/model-00001.safetensors").read_bytes() == WEIGHTS


def test_what_is_not_what_it_shall_be_is_thrown_away(home: Path) -> None:
    with serving(FILES, corrupt="transformer/model-00001.safetensors") as hub:
        result = run("get", "klein-4b", "--yes", hub=hub)
    assert result.exit_code == 1
    assert "校验" in result.output
    assert "transformer/model-00001.safetensors" not in came(home)
    assert (home / "config.toml").read_text() == CONFIG


def test_cost_and_terms_are_said_before_anything_is_fetched(home: Path) -> None:
    with serving(FILES) as hub:
        result = run("get", "kontext", hub=hub, answer="n\n")
        assert result.exit_code == 1
        assert "不能商用" in result.output
        assert "GB" in result.output
        assert hub.sent == 0
    assert came(home, "kontext") == set()


def test_too_little_room_is_said_before_anything_is_fetched(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "free", lambda folder: 1000)
    with serving(FILES) as hub:
        result = run("get", "klein-4b", "--yes", hub=hub)
        assert result.exit_code == 1
        assert "放不下" in result.output
        assert hub.sent == 0


def test_terms_that_have_to_be_agreed_to_on_the_page(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(FILES, gated="hf_token") as hub:
        refused = run("get", "klein-4b", "--yes", hub=hub)
        assert refused.exit_code == 1
        assert "HF_TOKEN" in refused.output
        monkeypatch.setenv("HF_TOKEN", "hf_token")
        assert run("get", "klein-4b", "--yes", hub=hub).exit_code == 0


def test_long_listings_come_in_pages(home: Path) -> None:
    with serving(FILES, page=3) as hub:
        assert run("get", "klein-4b", "--yes", hub=hub).exit_code == 0
    assert came(home) == WANTED


@pytest.mark.parametrize("name", ["../../evil.json", "/etc/evil.json", "vae/../../../evil.json", "a\\b.json"])
def test_a_listing_does_not_lead_out_of_the_folder(home: Path, name: str) -> None:
    with serving({**FILES, name: b"x", "..": b""}) as hub:
        run("get", "klein-4b", "--yes", hub=hub)
    assert not list(home.parent.rglob("evil*.json"))
    assert not [path for path, _ in hub.asked if "evil" in path]


def test_nobody_at_the_hub(home: Path) -> None:
    result = run("get", "klein-4b", "--yes", hub=Hub({}, address="http://127.0.0.1:9"))
    assert result.exit_code == 1
    assert "镜像" in result.output


def test_no_model_of_diffusers(home: Path) -> None:
    with serving({"README.md": b"x"}) as hub:
        result = run("get", "klein-4b", "--yes", hub=hub)
    assert result.exit_code == 1
    assert "diffusers" in result.output


def test_without_a_configuration_the_lines_are_shown(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = models.configured("klein-4b", home / "models", settings.Settings())
    assert "models try" in said
    monkeypatch.delenv("HEYING_CONFIG")
    (home / "config.toml").unlink()
    said = models.configured("klein-4b", home / 'a "b"', settings.Settings())
    block = tomllib.loads(said.partition("\n\n")[2])
    assert block["engines"][0]["model"] == str(home / 'a "b"')


def test_the_list_says_what_fits_and_what_is_free() -> None:
    lines = "\n".join(models.table(Path("nowhere"), 24.0, 10**11))
    assert "显存 24 GB" in lines
    assert "100 GB 空间" in lines
    order = [name for line in lines.splitlines() for name in MODELS if line.startswith(f"{name} ")]
    assert sorted(order) == sorted(MODELS)
    free = [MODELS[name].free for name in order]
    assert free == sorted(free, reverse=True)
    assert models.fits(MODELS["klein-4b"], 24) == "装得下"
    assert "一部分" in models.fits(MODELS["longcat"], 24)
    assert "很慢" in models.fits(MODELS["qwen-edit"], 24)
    assert "没有找到" in models.table(Path("nowhere"), None, 0)[0]
    for model in MODELS.values():
        assert model.free == (model.licence == "Apache-2.0")
        assert 0 < model.parts < model.whole


def test_what_was_fetched_is_tried_in_a_process_of_its_own(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    folder = home / "maker"
    tiny.flux2().save_pretrained(folder)
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with serving(files) as hub:
        assert run("get", "klein-4b", "--yes", hub=hub).exit_code == 0
    tried = run("try", "klein-4b", "-o", "sheets/tried.png")
    assert tried.exit_code == 0, tried.output
    assert "sheets/tried.png" in tried.output
    shown_beside(home / "sheets/tried.png")


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other process is this one."""

    def called(words: Sequence[str], check: bool) -> subprocess.CompletedProcess[bytes]:
        assert words[:3] == [sys.executable, "-m", sample.__name__]
        return subprocess.CompletedProcess(words, sample.main(words[3:]))

    monkeypatch.setattr(subprocess, "run", called)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("shape", ["sd15", "sdxl"])
def test_a_configured_folder_is_tried(home: Path, model_folders: dict[str, Path], shape: str) -> None:
    (home / "config.toml").write_text(configured("diffusion", name="sd", model=str(model_folders[shape]), steps=2))
    tried = run("try", "sd")
    assert tried.exit_code == 0, tried.output
    shown_beside(home / "out/models-try.png")


@pytest.mark.usefixtures("here")
def test_a_drawn_world_is_tried_on_a_drawn_photo(home: Path) -> None:
    (home / "config.toml").write_text(configured("diffusion", name="drawn", model=str(WORLD), steps=2))
    tried = run("try", "drawn", "--sentence", "画成水墨风")
    assert tried.exit_code == 0, tried.output
    shown_beside(home / "out/models-try.png", real=False)


def configured(kind: str, **fields: int | str) -> str:
    """A config.toml with one engine."""
    return CONFIG.replace("engines = []   # none yet\n", "") + models.entry(kind, **fields)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nobody",), "现在能试的有：diffusion、compositing。"),
        (("klein-4b",), "models get klein-4b"),
        (("compositing", "--sentence", "你好"), "一步修改"),
        (("compositing", "--sentence", "调亮一点，再裁成方形"), "一步修改"),
    ],
)
@pytest.mark.usefixtures("home")
def test_what_cannot_be_tried_is_said(words: tuple[str, ...], said: str) -> None:
    result = run("try", *words)
    assert result.exit_code == 1
    assert said in result.output


def shown_beside(path: Path, real: bool = True) -> None:
    """The sample on the left, on the right another picture of its size."""
    photo = next(one for one in samples.load() if one.real == real and not one.name)
    with Image.open(photo.folder / photo.files[0]) as before, Image.open(path) as sheet:
        width, height = before.size
        assert sheet.size == (2 * width, height)
        left, right = np.hsplit(np.asarray(sheet.convert("RGB")), [width])
        assert (left == np.asarray(before.convert("RGB"))).all()
        assert (left != right).any()
