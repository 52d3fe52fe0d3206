"""Codes work for one other chat, for some days, until they are taken back."""

import pytest

from storage import Storage, concepts, photos, retention, shares
from storage.concepts import ConceptError
from tests.storage.house import ANN, BOB, DAY, Clock, png


@pytest.fixture
def concept(store: Storage) -> int:
    """Somebody taught by Ann."""
    made = concepts.create(store, ANN, "年糕", "pet", [photos.put(store, png(), ANN).sha256])
    concepts.learnt(store, made.id, concepts.Artefact("diffusion", "w", b"vectors"), {})
    return made.id


def test_the_first_chat_may_use_it(store: Storage, concept: int) -> None:
    code = shares.create(store, concept, ANN)
    assert code != shares.create(store, concept, ANN)
    assert 16 <= len(code) <= 32
    found = shares.of(store, code)
    assert found is not None
    assert found.id == concept
    assert not concepts.usable(store, concept, BOB, "t:b")
    for _ in range(2):  # saying it twice is no mistake
        taken = shares.accept(store, code, "t:b")
        assert taken is not None
        assert concepts.usable(store, concept, BOB, "t:b")
    assert shares.accept(store, code, "t:c") is None
    assert shares.of(store, code) is None
    assert not concepts.usable(store, concept, BOB, "t:c")
    assert shares.accept(store, "made up", "t:c") is None
    with pytest.raises(ConceptError):
        shares.create(store, concept, BOB)


def test_it_ends(store: Storage, concept: int, clock: Clock) -> None:
    old, new = shares.create(store, concept, ANN), ""
    clock.go((shares.DAYS - 1) * DAY)
    new = shares.create(store, concept, ANN)
    clock.go(1.5 * DAY)
    assert shares.accept(store, old, "t:b") is None
    assert retention.sweep(store)["shares"] == 1
    assert shares.accept(store, new, "t:b") is not None
    other = shares.create(store, concept, ANN)
    assert concepts.withdraw(store, concept, ANN)
    assert shares.accept(store, other, "t:d") is None
    assert shares.accept(store, new, "t:b") is None
    assert not concepts.usable(store, concept, BOB, "t:b")


def test_codes_are_not_kept_in_the_clear(store: Storage, concept: int) -> None:
    code = shares.create(store, concept, ANN)
    kept = b"".join(path.read_bytes() for path in store.folder.rglob("*") if path.is_file())
    assert code.encode() not in kept
