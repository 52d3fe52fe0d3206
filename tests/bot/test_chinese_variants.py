"""Who writes in traditional characters is answered in them."""

from bot import chinese_variants
from storage import Storage


def test_a_person_shows_their_script(store: Storage) -> None:
    assert not chinese_variants.writes_traditional(store, "web:a")
    chinese_variants.note(store, "web:a", "把貓換成狗")
    assert chinese_variants.writes_traditional(store, "web:a")
    assert not chinese_variants.writes_traditional(store, "web:b")
    for same_in_both in ("你好", "ok", "🐱", ""):
        chinese_variants.note(store, "web:a", same_in_both)
        assert chinese_variants.writes_traditional(store, "web:a")
    chinese_variants.note(store, "web:a", "把猫换成狗")
    assert not chinese_variants.writes_traditional(store, "web:a")


def test_sentences_are_turned() -> None:
    assert chinese_variants.traditional("改好了：把猫换成狗") == "改好了：把貓換成狗"
