"""Photos that are looked at unasked: whose comes first, what ends it, and that nothing comes back to life."""

from storage import Storage, looks, photos, retention
from tests.storage.house import ANN, BOB, Clock, png


def sent(store: Storage, color: str, owner: str = ANN) -> str:
    """A photo that came in."""
    sha = photos.keep(store, png(color), owner).sha256
    looks.ask(store, sha, owner)
    return sha


def taken(store: Storage) -> looks.Look:
    look = looks.take(store)
    assert look is not None
    return look


def test_the_newest_of_each_and_of_these_who_waits_longest(store: Storage, clock: Clock) -> None:
    flood = []
    for color in ("red", "green", "blue"):
        flood.append(sent(store, color))
        clock.go(1)
    single = sent(store, "white", BOB)
    assert [taken(store).photo for _ in range(4)] == [flood[2], single, flood[1], flood[0]]
    assert looks.take(store) is None


def test_what_was_seen_is_kept_once(store: Storage) -> None:
    sha = sent(store, "red")
    assert looks.facts(store, sha, ANN) is None
    assert looks.pending(store, sha, ANN)
    look = taken(store)
    assert looks.wanted(store, look)
    assert looks.keep(store, look, {"persons": []})
    assert looks.facts(store, sha, ANN) == {"persons": []}
    assert not looks.pending(store, sha, ANN)
    looks.ask(store, sha, ANN)  # sent once more
    assert looks.take(store) is None


def test_given_back_it_comes_again_and_a_killer_does_so_once(store: Storage, clock: Clock) -> None:
    sent(store, "red")
    looks.give_back(store, taken(store))
    assert taken(store).attempt == 1
    assert looks.take(store) is None
    clock.go(looks.LEASE)
    assert taken(store).attempt == 2
    clock.go(looks.LEASE)
    assert looks.take(store) is None


def test_a_photo_that_is_deleted_stays_so(store: Storage) -> None:
    sha = sent(store, "red")
    look = taken(store)
    retention.forget(store, ANN)
    assert not looks.wanted(store, look)
    assert not looks.keep(store, look, {"persons": []})
    looks.give_back(store, look)
    assert looks.facts(store, sha, ANN) is None
    assert store.rows("SELECT * FROM looks") == []
    assert not photos.path(store, sha).exists()


def test_an_old_worker_has_no_say(store: Storage, clock: Clock) -> None:
    sha = sent(store, "red")
    slow = taken(store)
    clock.go(looks.LEASE)
    quick = taken(store)
    assert not looks.keep(store, slow, {"persons": [1]})
    assert looks.keep(store, quick, {"persons": []})
    assert looks.facts(store, sha, ANN) == {"persons": []}
