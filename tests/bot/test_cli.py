"""The command line: real data folder, real worker process (one that only paints)."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

import storage
from bot import cli, demo, doctor, provenance, replies, samples, supervisor
from lettering import marks
from storage import photos
from storage.settings import EngineSettings, Settings, load
from tests.bot import fake_worker
from tests.bot.talking import picture

PAINTER = str(Path(fake_worker.__file__))

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def painting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Workers paint, and data lies in a folder of the test's own."""
    monkeypatch.setattr(supervisor, "EDIT", (PAINTER, "edit", "stickers"))
    monkeypatch.setattr(supervisor, "LEARN", (PAINTER, "learn"))
    monkeypatch.setenv("HEYING_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PYTHONPATH", str(Path(PAINTER).parent.parent.parent))
    monkeypatch.chdir(tmp_path)


def run(*words: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(cli.main, words)


def photo(name: str) -> str:
    """A picture file in the current folder."""
    Path(f"{name}.png").write_bytes(picture(name))
    return f"{name}.png"


def test_edit_writes_the_picture() -> None:
    result = run("edit", photo("cat"), "把猫换成狗", "-o", "out.png")
    assert result.exit_code == 0, result.output
    assert "改好了：把猫换成狗" in result.output
    with Image.open("out.png") as out:
        assert out.size == (64, 64)


def test_edit_asks_which_one_is_meant() -> None:
    asked = run("edit", photo("cats"), "把猫咪换成狗", "-o", "out.png")
    assert asked.exit_code == 1
    assert "1. 左边的红猫" in asked.output
    assert replies.SAY_CHOICE in asked.output
    chosen = run("edit", photo("cats"), "把猫咪换成狗", "-o", "out.png", "--choice", "2")
    assert chosen.exit_code == 0, chosen.output
    assert Path("out.png").exists()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("note.png", b"hello", "图片"),
        ("empty.png", b"", "空"),
        ("missing.png", None, "打不开文件"),
    ],
)
def test_edit_of_what_is_no_photo(name: str, data: bytes | None, words: str) -> None:
    if data is not None:
        Path(name).write_bytes(data)
    result = run("edit", name, "把猫换成狗", "-o", "out.png")
    assert result.exit_code == 1
    assert words in result.output
    assert not Path("out.png").exists()


def test_edit_of_a_bomb() -> None:
    out = io.BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")
    Path("bomb.png").write_bytes(out.getvalue())
    result = run("edit", "bomb.png", "把猫换成狗")
    assert result.exit_code == 1
    assert re.search("太大|像素", result.output)


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("", replies.EMPTY),
        ("把小红加到左边", "我还不认识小红"),
        ("把猫换成恐龙", "我还画不出恐龙"),
        ("天气真好", "没听出要改哪里"),
    ],
)
def test_edit_that_comes_to_nothing(sentence: str, words: str) -> None:
    result = run("edit", photo("cat"), sentence, "-o", "out.png")
    assert result.exit_code == 1
    assert words in result.output
    assert not Path("out.png").exists()


def test_learn_then_edit_then_forget() -> None:
    pictures = [photo(name) for name in ("a", "b", "c")]
    result = run("learn", "阿紫", *pictures, "--kind", "person", "--consent")
    assert result.exit_code == 0, result.output
    assert "我认识阿紫了" in result.output
    assert "未满 14 岁" in result.output
    result = run("edit", photo("group"), "把阿紫加到左边", "-o", "out.png")
    assert result.exit_code == 0, result.output
    assert "写好了：me.zip" in run("export", "me.zip").output
    assert "已经忘掉阿紫" in run("forget", "阿紫").output
    assert "我本来就不认识阿紫" in run("forget", "阿紫").output
    assert "都删掉了" in run("forget", "--all").output


@pytest.mark.parametrize(("count", "words"), [(1, "只有 1 张"), (30, "30 张太多了")])
def test_learn_with_too_few_or_too_many(count: int, words: str) -> None:
    result = run("learn", "阿紫", *(photo(f"p{n}") for n in range(count)))
    assert result.exit_code == 1
    assert words in result.output


def test_a_worker_that_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "EDIT", ("-c", "raise SystemExit(3)"))
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.01)
    result = run("edit", photo("cat"), "把猫换成狗")
    assert result.exit_code == 1
    assert replies.NO_WORKER in result.output


def test_parse_as_json_and_line_by_line() -> None:
    plan = {"intent": "edit", "steps": [{"operation": "replace", "target": "猫", "content": "狗"}]}
    assert json.loads(run("parse", "--json", "把猫换成狗").output) == plan
    lines = [{"text": "把猫换成狗"}, {"text": "把小明加到左边", "concepts": ["小明"], "photos": 1}]
    Path("in.jsonl").write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "utf-8")
    first, second = run("parse", "--jsonl", "in.jsonl").output.splitlines()
    assert json.loads(first) == plan
    assert json.loads(second)["steps"] == [{"operation": "insert", "concept": "小明", "position": "left"}]
    assert run("parse", "--concepts", "小明，旺财", "把旺财加进来").output.strip() == "edit：把旺财加进来"
    Path("bad.jsonl").write_text("[1]", "utf-8")
    assert run("parse", "--jsonl", "bad.jsonl").exit_code == 1
    assert run("parse").exit_code == 1


def test_demo_writes_pictures_and_a_sheet() -> None:
    result = run("demo", "-o", "shown", "--consent")
    assert result.exit_code == 0, result.output
    assert "演示完了" in result.output
    made = sorted(path.name for path in Path("shown").iterdir())
    scenes = script()
    stickers = [sentence for sentence, sample, _ in scenes if sample is None]
    assert len(made) == len(scenes) + 3 * len(stickers) + 1  # four stickers a pack, and the sheet
    with Image.open(Path("shown") / f"{replies.SHEET}.png") as sheet:
        assert sheet.width > 1000


def test_the_samples_are_all_there_and_understood() -> None:
    guests = [sample for sample in samples.load() if sample.name]
    assert guests
    assert all(len(sample.read()) >= 3 for sample in guests)
    assert {guest.kind for guest in guests} >= {"person", "pet", "style"}
    assert {sample.real for sample in samples.load()} == {True, False}
    scenes = script()
    drawn = [sentence for sentence, sample, _ in scenes if sample is not None and not sample.real]
    real = [sentence for sentence, sample, _ in scenes if sample is not None and sample.real]
    assert len(drawn) == len(set(drawn)) >= 7
    assert len(real) == len(set(real)) >= 3
    assert [guest.name for _, _, guest in scenes if guest is not None and guest.kind == "person"] == ["霍珀", "阿紫"]


def script() -> list[demo.Scene]:
    """The demonstration of both worlds."""
    worlds = ([one for one in samples.load() if one.real == real] for real in (True, False))
    return [scene for world in worlds for scene in demo._script(world)]


def test_doctor_reads_the_weights(tmp_path: Path) -> None:
    whole = ROOT / "miniature" / "weights"
    folder = tmp_path / "model"
    shutil.copytree(whole, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    for file in whole.rglob("*.safetensors"):
        data = file.read_bytes()
        (folder / file.relative_to(whole)).write_bytes(data[: len(data) // 2] if file.parent.name == "vae" else data)
    (found,) = [finding for finding in doctor.examine(load(model=str(folder))) if finding.what == "模型"]
    assert not found.well
    assert "vae/" in found.sentence
    assert "unet" not in found.sentence


def test_doctor_says_what_fits_which_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the sizes of SDXL; a model as small as the shipped one needs no card."""
    xl = {"unet": 2_567_463_684, "vae": 83_653_863, "text_encoder": 123_060_480, "text_encoder_2": 694_659_840}
    settings = load(model=str(ROOT / "miniature" / "weights"))
    assert not [finding for finding in doctor.examine(settings) if finding.what == "显存"]
    monkeypatch.setattr(doctor.model_memory, "parameters", lambda folder: xl)
    monkeypatch.setattr(doctor.model_memory, "side_of", lambda folder: 1024)
    (found,) = [finding for finding in doctor.examine(settings) if finding.what == "显存"]
    assert "12 GB 半精度；" in found.sentence
    assert "24 GB 全精度" in found.sentence
    assert "8 GB 半精度，一层一层放" in found.sentence


def test_doctor_misses_the_networks_that_see_real_photos(tmp_path: Path) -> None:
    settings = load(data=tmp_path / "data", models=tmp_path / "none")
    (found,) = [finding for finding in doctor.examine(settings) if finding.what == "真实照片"]
    assert not found.well
    assert "python -m storage.model_files" in found.sentence


def test_doctor_says_what_is_wrong(tmp_path: Path) -> None:
    settings = load(data=tmp_path / "data", model="miniature/nowhere")
    findings = {finding.what: finding for finding in doctor.examine(settings)}
    assert not findings["模型"].well
    assert "找不到模型文件夹" in findings["模型"].sentence
    assert all(findings[what].well for what in ("Python", "程序包", "字体", "样例", "数据文件夹", "Chromium"))
    (tmp_path / "half" / "unet").mkdir(parents=True)
    halves = [finding for finding in doctor.examine(load(model=str(tmp_path / "half"))) if finding.what == "模型"]
    assert "vae" in halves[0].sentence
    assert "unet 的权重" in halves[0].sentence
    result = run("doctor", "--model", "miniature/nowhere")
    assert result.exit_code == 1
    assert "✗ 模型" in result.output


def test_a_wrong_setting_is_a_sentence() -> None:
    Path("config.toml").write_text("[web]\nport = 'x'\n", "utf-8")
    result = run("export", "me.zip")
    assert result.exit_code == 1
    assert "web.port" in result.output


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_verify_says_who_made_it_and_that_a_photo_is_unmarked(suffix: str, store_folder: Path) -> None:
    image = np.full((90, 120, 3), (30, 140, 90), np.uint8)
    with storage.open(store_folder) as store:
        data = marks.encode(marks.stamp(image), "7", "PNG", provenance.maker(store))
        Path(f"ours{suffix}").write_bytes(provenance.as_named(store, data, suffix))
    with Image.open(f"ours{suffix}") as made:
        assert made.format == {".png": "PNG", ".jpg": "JPEG", ".webp": "WEBP"}[suffix]
        made.convert("RGB").resize((70, 50)).save("shot.jpg")
    told = run("verify", f"ours{suffix}", "--data", str(store_folder))
    assert told.exit_code == 0
    assert "是在这里做的，之后没有改动过" in told.output
    elsewhere = run("verify", f"ours{suffix}", "--data", "other")
    assert "制作者 Heying，编号 7" in elsewhere.output
    assert "是在这里做的" not in elsewhere.output
    shot = run("verify", "shot.jpg", photo("cat"), "--data", str(store_folder))
    assert shot.exit_code == 1
    assert shot.output.count("看不出来") == 2


@pytest.fixture
def store_folder(tmp_path: Path) -> Path:
    return tmp_path / "verified"


def test_backup_and_restore() -> None:
    with storage.open("first") as store:
        photos.put(store, Path(photo("cat")).read_bytes(), "cli:me")
    assert "1 张图片" in run("backup", "all.zip", "--data", "first").output
    assert "恢复好了" in run("restore", "all.zip", "--data", "second").output
    with storage.open("second") as store:
        assert len(photos.of_owner(store, "cli:me")) == 1
    assert run("restore", "all.zip", "--data", "second").exit_code == 1


def test_every_command_explains_itself() -> None:
    assert set(cli.main.commands) == {
        "up", "edit", "learn", "parse", "chat", "demo", "doctor", "verify", "export", "forget",
        "backup", "restore", "models", "completion",
    }  # fmt: skip
    for name in cli.main.commands:
        result = run(name, "--help")
        assert result.exit_code == 0
        assert re.search("[\u4e00-\u9fff]", result.output)
        assert result.output.startswith("用法：")
        assert not re.search(
            "Usage|Options|Commands|OPTIONS|Show this|TEXT|FILE|INTEGER|default|DIRECTORY", result.output
        )


def test_chat_in_a_terminal(tmp_path: Path) -> None:
    photo("cat")
    code = (
        "import sys; from bot import cli, supervisor;"
        f" supervisor.EDIT = ({PAINTER!r}, 'edit'); supervisor.LEARN = ({PAINTER!r}, 'learn'); cli.main()"
    )
    lines = "cat.png 把猫换成狗\n撤销\n".encode()
    done = subprocess.run(
        [sys.executable, "-c", code, "chat", "-o", "chat"], input=lines, capture_output=True, timeout=120, check=True
    )
    said = done.stdout.decode()
    assert "合影：改好了：把猫换成狗" in said
    assert "合影：退回来了" in said
    assert len(list(Path("chat").glob("*.png"))) == 2


def test_the_bot_needs_no_torch() -> None:
    code = "import sys, bot.cli, bot.platforms.web.server; print([m for m in ('torch', 'diffusers', 'pipeline') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=120)
    assert done.stdout.decode().strip() == "[]"


def test_nobody_is_learnt_without_consent() -> None:
    pictures = [photo(name) for name in ("a", "b", "c")]
    for command in (["learn", "阿紫", *pictures], ["demo"]):
        result = run(*command)
        assert result.exit_code == 1
        assert "未满 14 岁" in result.output
        assert "加上 --consent" in result.output
    with storage.open("data") as store:
        assert store.rows("SELECT * FROM photos") == []
        assert store.rows("SELECT * FROM concepts") == []
    assert run("learn", "旺财", *pictures, "--kind", "pet").exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["eddit"], "没有命令 eddit。有这些："),
        (["edit"], "缺少参数「照片」。"),
        (["edit", "a.png", "改", "多余"], "多写了：多余"),
        (["edit", "a.png", "改", "--outptu", "x"], "没有选项 --outptu。你是不是想写 --output"),
        (["edit", "a.png", "改", "--choice", "0"], "选项 --choice 不对：要写一个整数，最小 1。"),
        (["edit", "a.png", "改", "--choice"], "选项 --choice 的写法不对：后面要写一个值。"),
        (["learn", "阿紫", "a.png", "--kind", "alien"], "要写 person、pet、object、style 当中的一个"),
        (["parse", "--jsonl", "nowhere.jsonl"], "打不开这个文件"),
        (["completion", "cmd"], "要写 bash、zsh、fish"),
    ],
)
def test_mistakes_are_said_in_chinese(words: list[str], said: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert said in result.output
    assert result.output.rstrip().endswith("--help")
    assert not re.search(r"[A-Za-z]{4,} [a-z]{3,} [a-z]{3,}", result.output), result.output


def test_no_command_is_greeted_and_told_what_there_is() -> None:
    result = run()
    assert result.exit_code == 0
    assert result.output.startswith("你好，这里是合影。")
    assert "看不懂" not in result.output
    assert "按 Tab 补全" in result.output
    for name in cli.main.commands:
        assert f"\n  {name} " in result.output


def test_version_completion_and_standard_input() -> None:
    assert re.fullmatch(r"合影 \d+\.\d+\.\d+\n", run("--version").output)
    for shell in ("bash", "zsh", "fish"):
        assert "_HEYING_COMPLETE" in run("completion", shell).output
    told = CliRunner().invoke(cli.main, ["parse", "--json", "-"], input="把猫换成狗\n")
    assert json.loads(told.output)["intent"] == "edit"
    assert run("parse", "-").exit_code == 1


def test_doctor_and_verify_as_json() -> None:
    told = json.loads(run("doctor", "--json", "--port", "8123").output)
    assert {"what", "well", "sentence"} == set(told[0])
    (port,) = [one for one in told if one["what"] == "网页端口"]
    assert ":8123 " in port["sentence"]
    assert run("doctor", "--port", "8123").output.rstrip().endswith("--port 8123，然后打开 http://127.0.0.1:8123")
    (line,) = run("verify", "--json", photo("cat")).output.splitlines()
    assert json.loads(line)["item"] is None


def test_doctor_does_not_believe_in_a_model_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def found(model: str) -> tuple[bool, str]:
        finding = next(doctor._models(load(model=model)))
        return finding.well, finding.sentence

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    assert found("somebody/some-model") == (False, found("somebody/some-model")[1])
    assert "HF_HUB_OFFLINE" in found("somebody/some-model")[1]
    (tmp_path / "hub" / "models--somebody--some-model" / "snapshots" / "1").mkdir(parents=True)
    (tmp_path / "hub" / "models--somebody--some-model" / "snapshots" / "1" / "model_index.json").write_text("{}")
    assert found("somebody/some-model") == (True, "somebody/some-model 已经下载过。")
    Path("models").mkdir()
    assert "找不到模型文件夹" in found("models/gone")[1]
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert "hub 也连不上" in found("somebody/another-model")[1]


def test_doctor_looks_at_the_model_of_every_engine(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        f'[[engines]]\nkind = "compositing"\n[[engines]]\nkind = "diffusion"\nmodel = "{tmp_path}/gone"\n'
        f'[[engines]]\nkind = "editor"\nmodel = "{tmp_path}/gone too"\n',
        "utf-8",
    )
    found = [finding for finding in doctor.examine(load(config)) if finding.what == "模型"]
    assert [finding.well for finding in found] == [False, False]
    assert "gone。" in found[0].sentence
    assert "gone too。" in found[1].sentence


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"lora": "gone.safetensors"}, "找不到或者不完整"),
        ({"lora": "few_steps.safetensors"}, "还要写 steps、spacing、guidance"),
        ({"lora": "few_steps.safetensors", "steps": 4, "guidance": 1.0, "spacing": "trailing"}, "4 步，guidance 1。"),
    ],
)
def test_doctor_looks_at_few_step_weights_and_what_they_want(more: dict[str, Any], said: str) -> None:
    engine = EngineSettings(kind="diffusion", name="quick", model=str(ROOT / "miniature/weights"), **more)
    found = list(doctor._models(Settings(engines=(engine,))))[-1]
    assert said in found.sentence
    assert found.well == ("steps" in more)


@pytest.mark.parametrize(
    ("engine", "named"),
    [
        ('kind = "diffusion"\nmodel = "{0}/gone"', "gone"),
        ('kind = "editor"\nmodel = "{0}/gone too"', "gone too"),
        ('kind = "diffusion"\nmodel = "{1}"\nlora = "few.safetensors"', "few.safetensors"),
        ('kind = "diffusion"\nmodel = "{1}"\nsegmenter = "{0}/clipseg"', "clipseg"),
    ],
)
def test_nothing_starts_without_the_model_of_an_engine(tmp_path: Path, engine: str, named: str) -> None:
    """Not the chat, nor a command that draws: both say in a sentence which model is missing."""
    told = engine.format(tmp_path, ROOT / "miniature/weights")
    Path("config.toml").write_text(f'[[engines]]\nkind = "compositing"\n[[engines]]\n{told}\n', "utf-8")
    for command in (["up", "--port", "0"], ["edit", photo("cat"), "把猫换成狗"]):
        result = run(*command)
        assert result.exit_code == 1
        assert "开好了" not in result.output
        assert "没有启动，画画的程序会起不来：" in result.output
        assert named in result.output


def test_up_says_what_it_does_without(tmp_path: Path) -> None:
    """The networks that see real photos are missing: it opens all the same, and says before what it cannot do."""
    code = (
        "import sys; from bot import cli, supervisor;"
        f" supervisor.EDIT = ({PAINTER!r}, 'edit'); supervisor.LEARN = ({PAINTER!r}, 'learn'); cli.main()"
    )
    words = [sys.executable, "-c", code, "up", "--port", "0"]
    env = {**os.environ, "HEYING_MODELS": str(tmp_path / "none"), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as running:
        assert running.stdout is not None
        said: list[str] = []
        while not said or "开好了" not in said[-1]:
            said.append(running.stdout.readline().decode())
            assert said[-1], said
        running.terminate()
    assert "真实照片暂时改不了" in said[0]
