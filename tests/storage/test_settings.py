"""config.toml, the environment, and what is refused."""

import os
import tomllib
from pathlib import Path

import pytest

from storage.settings import Settings, SettingsError, load

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("HEYING_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def config(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_shipped_file_says_the_defaults_and_says_all_of_them() -> None:
    told = tomllib.loads((ROOT / "config.toml").read_text("utf-8"))
    defaults = Settings().model_dump(mode="json", exclude_none=True)  # secrets, and what has no default
    assert told == defaults


def test_the_file_then_the_environment_then_the_caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = config(tmp_path, 'device = "cpu"\n[web]\nport = 1\nhost = "0.0.0.0"\n[limits]\nopen_jobs = 3')
    assert (load(path).web.port, load(path).web.host, load(path).limits.open_jobs) == (1, "0.0.0.0", 3)
    monkeypatch.setenv("HEYING_WEB__PORT", "2")
    monkeypatch.setenv("HEYING_PLATFORMS", '["web", "telegram"]')
    settings = load(path)
    assert (settings.web.port, settings.web.host) == (2, "0.0.0.0")
    assert settings.platforms == ("web", "telegram")
    assert load(path, web={"port": 3}, device="cuda").web.port == 3


def test_plain_settings_do_not_look_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config(tmp_path, 'device = "cuda"')
    monkeypatch.setenv("HEYING_DEVICE", "mps")
    assert Settings().device == "auto"
    assert load().device == "mps"


def test_paths_start_from_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models").mkdir()
    path = config(tmp_path, 'data = "there"\nmodel = "models/small"')
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("HEYING_CONFIG", str(path))
    assert load().data == tmp_path / "there"
    assert load().model == str(tmp_path / "models" / "small")
    assert load(model="some-lab/some-model").model == "some-lab/some-model"
    assert load(model="gpt").model == "gpt"


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().device = "cpu"  # type: ignore[misc]


def test_secrets_come_from_the_environment_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYING_TELEGRAM__TOKEN", "123:abc")
    settings = load()
    assert settings.telegram.token is not None
    assert settings.telegram.token.get_secret_value() == "123:abc"
    assert "123:abc" not in repr(settings)
    with pytest.raises(SettingsError, match=r"telegram\.token") as caught:
        load(config(tmp_path, '[telegram]\ntoken = "123:abc"'))
    assert "HEYING_TELEGRAM__TOKEN" in caught.value.sentence
    assert "123:abc" not in caught.value.sentence + str(caught.value)


def test_an_empty_variable_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYING_TELEGRAM__TOKEN", "")
    monkeypatch.setenv("HEYING_WEB__PORT", "")
    assert load().telegram.token is None
    assert load().web.port == 7860


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[web]\nport = 99999", "web.port"),
        ("[web]\nprot = 1", "web.prot"),
        ("colour = 1", "colour"),
        ("[workers]\nedit = -1", "workers.edit"),
        ("[retention]\nconsents = 10", "retention.consents"),
        ('language = "fr"', "language"),
        ("this is not toml", "config.toml"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, word: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(config(tmp_path, text))
    assert word in caught.value.sentence


def test_a_variable_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYING_PLATFORMS", "web, telegram")
    with pytest.raises(SettingsError, match="platforms"):
        load()


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nowhere"):
        load(tmp_path / "nowhere.toml")


@pytest.mark.parametrize("name", ["合影 工作室", "two words", "", "x" * 65])
def test_a_producer_that_no_verifier_would_take(tmp_path: Path, name: str) -> None:
    """GB 45438-2025, annex E j): single-byte printable characters without spaces."""
    path = config(tmp_path, f'[mark]\nproducer = "{name}"')
    with pytest.raises(SettingsError) as refused:
        load(path)
    assert "mark.producer" in refused.value.sentence
    assert "不能有空格和汉字" in refused.value.sentence
    assert load(config(tmp_path, '[mark]\nproducer = "0011X"')).mark.producer == "0011X"
