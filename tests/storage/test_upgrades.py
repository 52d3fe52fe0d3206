"""A data folder of every version there has been, with everything in it, opened by this one: nothing is lost, and all of it
is of use."""

from pathlib import Path

import pytest
from sqlite_utils import Database

import storage
from storage import chats, concepts, fair_queue, figures, inbox, jobs, outbox, packs, photos, retention, schema
from tests.storage.house import png

VERSIONS = [migration.name for migration in schema.migrations._migrations]
SHA = "a" * 64
# What each version brought, as it wrote it. Never edit an entry whose version has been released.
ROWS = {
    "m001_photos": f"""
        INSERT INTO photos VALUES ('{SHA}', 40, 30, 5, 1.0);
        INSERT INTO photo_owners (sha256, owner, created_at, expires_at) VALUES ('{SHA}', 'web:ann', 1.0, NULL);
        INSERT INTO inversions VALUES ('{"b" * 32}', '{SHA}', 7, 1.0);
    """,
    "m002_jobs": """
        INSERT INTO jobs (id, key, kind, owner, chat, request, state, created_at)
            VALUES (1, 'k1', 'generate', 'web:ann', 'web:ann', '{"content":"猫","concepts":[],"seed":0}', 'queued', 1.0);
        INSERT INTO jobs (id, key, kind, owner, chat, request, state, attempt, worker, leased_until, beat_at, started_at,
            created_at) VALUES (2, 'k2', 'generate', 'web:bob', 'web:bob', '{"content":"狗","concepts":[],"seed":0}',
            'running', 1, 'w', 5.0, 2.0, 2.0, 1.0);
        INSERT INTO jobs (id, key, kind, owner, chat, request, state, result, created_at, started_at, finished_at)
            VALUES (3, 'k3', 'generate', 'web:ann', 'web:ann', '{"content":"鸟","concepts":[],"seed":0}', 'done',
            '{"photos":[],"text":"","facts":{}}', 1.0, 2.0, 12.0);
        INSERT INTO workers (worker, model, kinds, methods, vocabulary, seen_at)
            VALUES ('w', 'm', '["generate"]', '[]', '{}', 1.0);
    """,
    "m003_concepts": f"""
        INSERT INTO concepts (id, owner, name, folded, kind, vectors, rows, dim, status, created_at, ready_at)
            VALUES (1, 'web:ann', '阿紫', '阿紫', 'person', zeroblob(8), 1, 2, 'ready', 1.0, 2.0);
        INSERT INTO concept_references VALUES (1, 0, '{SHA}');
        INSERT INTO concept_chats VALUES (1, 'web:room');
    """,
    "m004_messages": """
        INSERT INTO inbox (id, platform, update_id, chat, user, text, photos, data, state, received_at)
            VALUES (1, 'web', 'u1', 'web:ann', 'web:ann', '你好', '[]', '{}', 'new', 1.0);
        INSERT INTO inbox (id, platform, update_id, chat, user, text, photos, data, state, received_at)
            VALUES (2, 'web', 'u2', 'web:bob', 'web:bob', '你好', '[]', '{}', 'done', 1.0);
        INSERT INTO outbox (id, key, platform, chat, user, kind, text, photos, data, state, not_before, created_at)
            VALUES (1, 'o1', 'web', 'web:ann', 'web:ann', 'message', '好的', '[]', '{}', 'waiting', 1.0, 1.0);
        INSERT INTO messages (key, chat, user, author, text, photos, data, at)
            VALUES ('in:web:u1', 'web:ann', 'web:ann', 'user', '你好', '[]', '{}', 1.0);
    """,
    "m005_chats": f"""
        INSERT INTO history (id, chat, user, photo, at) VALUES (1, 'web:ann', 'web:ann', '{SHA}', 1.0);
        INSERT INTO history (id, chat, user, photo, job, request, at)
            VALUES (2, 'web:ann', 'web:ann', '{SHA}', 3, '{{"kind": "generate", "content": "兔子"}}', 2.0);
        INSERT INTO conversations VALUES ('web:ann', 'web:ann', 1, NULL, NULL);
        INSERT INTO preferences VALUES ('web:ann', 'dark', 'true');
        INSERT INTO consents (user, what, wording, given, at) VALUES ('web:ann', 'unmarked', '同意', 1, 1.0);
    """,
    "m006_packs": f"""
        INSERT INTO packs VALUES (1, 'web:ann', '表情', 1, NULL, 1.0, 1.0);
        INSERT INTO stickers VALUES (1, 1, 0, '{SHA}', '{SHA}', '嗨', '😄', NULL, NULL);
    """,
    "m007_loans": f"""
        INSERT INTO photo_owners VALUES ('{SHA}', 'web:bob', 1.0, NULL, 'web:ann');
    """,
    "m008_totals": """
        INSERT INTO totals VALUES ('jobs', 'edit', 'done', 3, 5, 30.0, 100);
    """,
    "m009_concept_weights": """
        INSERT INTO concept_weights VALUES (1, x'00');
    """,
    "m010_agreements": """
        INSERT INTO shares VALUES ('code', 1, 'web:ann', 9e9, NULL);
    """,
    "m011_artefacts": """
        INSERT INTO concepts (id, owner, name, folded, kind, status, created_at) VALUES (2, 'web:ann', '旺财', '旺财',
            'pet', 'ready', 1.0);
        INSERT INTO concept_artefacts VALUES (2, 'diffusion', 'm', x'00', 1.0);
    """,
    "m012_marks_that_came_in": f"""
        INSERT INTO photo_marks VALUES ('{SHA}', 'web:ann', 'somebody', 'x1', 1.0);
    """,
    "m013_tickets": """
        INSERT INTO tickets (chat, user, value, expires_at, uses) VALUES ('web:ann', 'web:ann', 't', 9e9, 5);
    """,
    "m014_fairness": """
        INSERT INTO turns VALUES ('edit', 'web:ann', 1);
        INSERT INTO rounds VALUES ('edit', 1);
        INSERT INTO incidents (what, ref, log, at) VALUES ('job', 3, 'died', 1.0);
    """,
    "m015_branches": f"""
        INSERT INTO history (id, chat, user, photo, at, parent) VALUES (3, 'web:ann', 'web:ann', '{SHA}', 3.0, 1);
    """,
    "m016_departures": f"""
        INSERT INTO departures VALUES ('web:ann', 'a.example', 'photo', '{SHA}', 1, 1.0);
    """,
    "m017_moving_packs": """
        INSERT INTO packs VALUES (2, 'web:ann', '会动的', 1, NULL, 1.0, 1.0, 1, 0);
    """,
    "m018_looks": f"""
        INSERT INTO looks VALUES ('{SHA}', 'web:ann', 1.0, 1, NULL, '{{"persons":[]}}');
    """,
    "m019_dead_jobs": """
        INSERT INTO jobs (id, key, kind, owner, chat, request, state, log, created_at, started_at, finished_at)
            VALUES (4, 'k4', 'generate', 'web:eve', 'web:eve', '{"content":"鱼","concepts":[],"seed":0}', 'dead',
            'worker died 3 times', 1.0, 2.0, 3.0);
    """,
    "m020_batches": """
        UPDATE jobs SET batch = 'in:1:batch' WHERE id = 4;
    """,
}


def tables(db: Database) -> dict[str, int]:
    """How many rows there are of what people have."""
    ours = ("_sqlite", "sqlite_", "turns", "rounds", "steady_clock", "concept_weights")  # the last became artefacts
    return {table.name: table.count for table in db.tables if not table.name.startswith(ours)}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_folder_of_that_version(version: str, tmp_path: Path) -> None:
    until = VERSIONS.index(version) + 1
    db = Database(str(tmp_path / "heying.db"))
    for number, name in enumerate(VERSIONS[:until], 1):  # each version wrote its own, and was followed by the next
        stop = {"stop_before": VERSIONS[number]} if number < len(VERSIONS) else {}
        schema.migrations.apply(db, **stop)
        db.executescript(ROWS[name])
    before = tables(db)
    assert all(before[name] for name in before), before
    db.close()
    file = tmp_path / "photos" / "aa" / f"{SHA}.png"
    file.parent.mkdir(parents=True)
    file.write_bytes(png())
    with storage.open(tmp_path, clock=lambda: 1000.0) as store:
        after = tables(store.db)
        before["concept_artefacts"] = before.get("concept_artefacts", int(until >= 3))  # vectors became one
        assert {name: after[name] for name in before} == before
        assert store.rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
        assert store.rows("PRAGMA foreign_key_check") == []
        of_use(store, until)


def of_use(store: storage.Storage, until: int) -> None:
    """Ask for everything that the version knew, as the bot and the workers do."""
    assert photos.get(store, SHA, "web:ann").width == 40
    if until >= 2:
        first = jobs.claim(store, "new", ("generate",))  # the lease of the one that ran has ended
        assert first is not None
        second = jobs.claim(store, "new", ("generate",))
        assert second is not None
        assert {first.id, second.id} == {1, 2}
        jobs.finish(store, first, jobs.Result())
        assert fair_queue.typical(store, "generate") == 5.0
    if until >= 3:
        assert [one.name for one in concepts.of_owner(store, "web:ann")][:1] == ["阿紫"]
    if until >= 4:
        (message,) = inbox.take(store, "bot")
        assert message.text == "你好"
        delivery = outbox.claim(store, "web", "bot")
        assert delivery is not None
        outbox.delivered(store, delivery)
    if until >= 5:
        here = chats.under_discussion(store, "web:ann", "web:ann")
        assert here is not None
        assert here.photo == SHA
        assert [entry.id for entry in chats.line(store, "web:ann", "web:ann")] == [1, 2]
    if until >= 6:
        assert packs.get(store, 1, "web:ann").stickers[0].caption == "嗨"
    if until >= 8:
        assert figures.figures(store).over["edit", "done"] == 5
    if until >= 19:
        assert jobs.get(store, 4).state == "dead"
        assert figures.figures(store).over["generate", "dead"] == 1
    assert retention.forget(store, "web:ann")["photos"] >= 1
