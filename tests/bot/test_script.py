"""Who writes in traditional characters is answered in them."""

from bot import script
from storage import Storage


def test_a_person_shows_their_script(store: Storage) -> None:
    assert not script.writes_traditional(store, "web:a")
    script.note(store, "web:a", "把貓換成狗")
    assert script.writes_traditional(store, "web:a")
    assert not script.writes_traditional(store, "web:b")
    for same_in_both in ("你好", "ok", "🐱", ""):
        script.note(store, "web:a", same_in_both)
        assert script.writes_traditional(store, "web:a")
    script.note(store, "web:a", "把猫换成狗")
    assert not script.writes_traditional(store, "web:a")


def test_sentences_are_turned() -> None:
    assert script.traditional("改好了：把猫换成狗") == "改好了：把貓換成狗"
