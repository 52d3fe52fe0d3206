"""Packs keep their order, their words and their files, and are nobody else's."""

import pytest

from storage import Storage, concepts, jobs, packs, photos, retention
from storage.packs import PackError
from storage.requests import Result, StickerRequest
from tests.storage.house import ANN, BOB, DAY, ROOM, Clock, broken, png


def sticker(store: Storage, pack: packs.Pack, number: int, owner: str = ANN) -> packs.Sticker:
    """One sticker of two files of its own."""
    photo, figure = (photos.keep(store, png((number, kind, 9)), owner).sha256 for kind in (1, 2))
    return packs.add(store, pack.id, owner, photo=photo, figure=figure, caption=f"第{number}", emoji="😄")


@pytest.fixture
def pack(store: Storage) -> packs.Pack:
    """Three stickers of Ann's."""
    made = packs.create(store, ANN, "年糕的表情")
    for number in range(3):
        sticker(store, made, number)
    return packs.get(store, made.id, ANN)


def words(pack: packs.Pack) -> list[str]:
    """The captions in order."""
    return [one.caption for one in pack.stickers]


def test_order_words_and_titles_change(store: Storage, pack: packs.Pack, clock: Clock) -> None:
    assert words(pack) == ["第0", "第1", "第2"]
    clock.go(5)
    ids = [one.id for one in pack.stickers]
    assert words(packs.reorder(store, pack.id, ANN, [ids[2], ids[0], ids[1]])) == ["第2", "第0", "第1"]
    later = sticker(store, pack, 3)
    assert later.place == 3
    assert words(packs.remove(store, ids[0], ANN)) == ["第2", "第1", "第3"]
    assert packs.rename(store, pack.id, ANN, " 新 的  名字 ").title == "新 的 名字"
    assert [one.place for one in packs.get(store, pack.id, ANN).stickers] == [0, 1, 2]
    assert packs.get(store, pack.id, ANN).changed_at == pack.changed_at + 5
    for wrong in ([ids[1]], [ids[1], ids[2], later.id, later.id], [ids[0], ids[1], ids[2]]):
        with pytest.raises(PackError):
            packs.reorder(store, pack.id, ANN, wrong)


def test_what_a_platform_has_is_noted_until_the_words_change(store: Storage, pack: packs.Pack) -> None:
    one = pack.stickers[0]
    assert packs.published(store, pack.id, ANN, "n_by_bot").set_name == "n_by_bot"
    assert packs.received(store, one.id, ANN, {"file": "abc"}).receipt == {"file": "abc"}
    same = packs.relabel(store, one.id, ANN, photo=one.photo, caption="第0", emoji="😂😭")
    assert (same.receipt, same.emoji) == ({"file": "abc"}, "😂😭")
    other = photos.keep(store, png("pink"), ANN).sha256
    assert packs.relabel(store, one.id, ANN, photo=other, caption="早", emoji="😂").receipt is None
    assert packs.received(store, one.id, ANN, None).receipt is None


def test_packs_are_nobody_elses(store: Storage, pack: packs.Pack) -> None:
    one = pack.stickers[0]
    with pytest.raises(PackError) as theirs:
        packs.get(store, pack.id, BOB)
    with pytest.raises(PackError) as nowhere:
        packs.get(store, 999, BOB)
    assert theirs.value.sentence == nowhere.value.sentence
    for act in (
        lambda: packs.remove(store, one.id, BOB),
        lambda: packs.relabel(store, one.id, BOB, photo=one.photo, caption="", emoji="😄"),
        lambda: packs.reorder(store, pack.id, BOB, []),
        lambda: packs.delete(store, pack.id, BOB),
        lambda: packs.published(store, pack.id, BOB, "x"),
        lambda: packs.received(store, one.id, BOB, 1),
        lambda: packs.rename(store, pack.id, BOB, "x"),
    ):
        with pytest.raises(PackError):
            act()
    mine = packs.create(store, BOB, "我的")
    with pytest.raises(photos.PhotoError):  # Ann's file in Bob's pack
        packs.add(store, mine.id, BOB, photo=one.photo, figure=one.figure)
    assert packs.of_owner(store, BOB) == (mine,)
    assert [one.id for one in packs.of_owner(store, ANN)] == [pack.id]


def test_what_cannot_be(store: Storage, pack: packs.Pack) -> None:
    one = pack.stickers[0]
    for wrong in ({"caption": "字" * 31, "emoji": "😄"}, {"caption": "好", "emoji": "好"}):
        with pytest.raises(PackError):
            packs.relabel(store, one.id, ANN, photo=one.photo, **wrong)
    for title in ("", " ", "长" * 65):
        with pytest.raises(PackError):
            packs.create(store, ANN, title)
    told = {"photo": one.photo, "figure": one.figure}
    for _ in range(packs.MOST - 3):
        packs.add(store, pack.id, ANN, **told)
    with pytest.raises(PackError, match="full"):
        packs.add(store, pack.id, ANN, **told)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("😂", ["😂"]),
        ("晚安🌙～❤️", ["🌙", "❤️"]),
        ("👩‍👩‍👧‍👦👍🏽🇨🇳1️⃣", ["👩‍👩‍👧‍👦", "👍🏽", "🇨🇳", "1️⃣"]),
        ("👌" * 30, ["👌"] * 20),
    ],
)
def test_emoji_are_found_whole(text: str, found: list[str]) -> None:
    assert packs.emoji_list(packs.clean_emoji(text)) == found
    assert not packs.emoji_list(packs.split(text)[0])


def test_files_stay_as_long_as_the_pack(store: Storage, pack: packs.Pack, clock: Clock) -> None:
    clock.go(400 * DAY)
    assert retention.sweep(store)["photos"] == 0
    one = pack.stickers[1]
    packs.remove(store, one.id, ANN)
    assert retention.sweep(store)["photos"] == 2
    assert not photos.path(store, one.figure).exists()
    packs.delete(store, pack.id, ANN)
    assert retention.sweep(store)["photos"] == 4
    assert not [path for path in (store.folder / "photos").rglob("*") if path.is_file()]


def test_who_is_forgotten_is_so_in_stickers(store: Storage) -> None:
    photo = photos.put(store, png(), ANN)
    concept = concepts.create(store, ANN, "年糕", "pet", [photo.sha256])
    concepts.share(store, concept.id, ANN, ROOM)
    files = []
    for owner in (ANN, BOB):  # Bob has made some in the group
        made = packs.create(store, owner, "年糕的表情", concept.id)
        files.append(sticker(store, made, 200 if owner == BOB else 100, owner).photo)
    other = packs.create(store, ANN, "别的")
    assert concepts.forget(store, concept.id, ANN)
    assert packs.of_owner(store, BOB) == ()
    assert [one.id for one in packs.of_owner(store, ANN)] == [other.id]
    assert not any(photos.path(store, sha).exists() for sha in files)


def test_a_job_makes_a_pack_or_adds_to_one(store: Storage) -> None:
    photo = photos.put(store, png(), ANN).sha256
    made = _stickers(store, StickerRequest(photo=photo), "a", 2)
    assert (made.title, words(made)) == ("表情", ["a0", "a1"])
    more = _stickers(store, StickerRequest(photo=photo, pack=made.id), "b", 1)
    assert (more.id, words(more)) == (made.id, ["a0", "a1", "b0"])
    assert [one.id for one in packs.of_owner(store, ANN)] == [made.id]


def _stickers(store: Storage, request: StickerRequest, key: str, count: int) -> packs.Pack:
    """The pack that a job of that request ends in."""
    jobs.enqueue(store, key=key, kind="stickers", owner=ANN, chat=ROOM, request=request)
    job = jobs.claim(store, "w", ("stickers",))
    assert job is not None
    made = []
    for number in range(count):
        photo, figure = (jobs.attach(store, job, png((job.id, number, kind))).sha256 for kind in (1, 2))
        made.append(
            {"photo": photo, "figure": figure, "caption": f"{key}{number}", "emoji": "😄", "expression": "happy"}
        )
    done = jobs.finish(store, job, Result(tuple(one["photo"] for one in made), facts={"stickers": made}))
    assert done.result is not None
    assert "stickers" not in done.result.facts
    return packs.get(store, done.result.facts["pack"], ANN)


def test_a_pack_is_made_whole_or_not_at_all(store: Storage, pack: packs.Pack) -> None:
    with broken(store):
        packs.reorder(store, pack.id, ANN, [one.id for one in reversed(pack.stickers)])
    assert words(packs.get(store, pack.id, ANN)) == ["第0", "第1", "第2"]
