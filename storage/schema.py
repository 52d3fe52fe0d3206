"""The tables, as numbered migrations: each is applied once, inside a transaction together with the record of it.

Never edit a migration that has been released; add the next one. Tables are STRICT; times are REAL seconds since 1970,
JSON is TEXT.
"""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager

import numpy as np
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from storage.errors import StorageError

migrations = Migrations("heying")


def migrate(db: Database, atomic: Callable[[], AbstractContextManager[Database]]) -> None:
    """Apply what is missing, within `atomic`. Several processes may start at once: its write lock lets one of them do it.

    Raises StorageError when the database was written by a newer version than this code.
    """
    known = {migration.name for migration in migrations._migrations}
    applied = {migration.name for migration in migrations.applied(db)}
    if unknown := sorted(applied - known):
        raise StorageError(
            "数据是更新版本的合影写的，请先升级程序再打开。", f"database has unknown migrations {', '.join(unknown)}"
        )
    if applied != known:
        with atomic() as locked:
            migrations.apply(locked)


@migrations()
def m001_photos(db: Database) -> None:
    """Files by content; who may see which until when; inverted photos, which live no longer than the photo."""
    db.executescript("""
        CREATE TABLE photos (
            sha256 TEXT PRIMARY KEY CHECK (length(sha256) = 64),
            width INTEGER NOT NULL, height INTEGER NOT NULL, bytes INTEGER NOT NULL, created_at REAL NOT NULL
        ) STRICT;
        CREATE TABLE photo_owners (
            sha256 TEXT NOT NULL REFERENCES photos ON DELETE CASCADE, owner TEXT NOT NULL,
            created_at REAL NOT NULL, expires_at REAL,  -- NULL: never
            PRIMARY KEY (sha256, owner)
        ) STRICT;
        CREATE INDEX photo_owners_owner ON photo_owners (owner);
        CREATE INDEX photo_owners_expires ON photo_owners (expires_at);
        CREATE TABLE inversions (
            key TEXT PRIMARY KEY, photo TEXT NOT NULL REFERENCES photos ON DELETE CASCADE,
            bytes INTEGER NOT NULL, used_at REAL NOT NULL
        ) STRICT;
        CREATE INDEX inversions_photo ON inversions (photo);
        CREATE INDEX inversions_used ON inversions (used_at);
    """)


@migrations()
def m002_jobs(db: Database) -> None:
    """Jobs, whose turn it is, and what the workers can do."""
    db.executescript("""
        CREATE TABLE jobs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice: a cancel button may be old
            key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, owner TEXT NOT NULL, chat TEXT NOT NULL,
            request TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
            after INTEGER REFERENCES jobs ON DELETE SET NULL, silent INTEGER NOT NULL DEFAULT 0,
            attempt INTEGER NOT NULL DEFAULT 0, worker TEXT, leased_until REAL, beat_at REAL,
            progress TEXT, error TEXT, log TEXT, result TEXT,
            created_at REAL NOT NULL, started_at REAL, finished_at REAL
        ) STRICT;
        CREATE INDEX jobs_open ON jobs (kind, owner, id) WHERE state = 'queued';
        CREATE INDEX jobs_leased ON jobs (leased_until) WHERE state = 'running';
        CREATE INDEX jobs_owner ON jobs (owner, state);
        CREATE INDEX jobs_chat ON jobs (chat, id);
        CREATE INDEX jobs_after ON jobs (after) WHERE after IS NOT NULL;
        CREATE INDEX jobs_finished ON jobs (kind, finished_at) WHERE state = 'done';
        CREATE TABLE turns (owner TEXT PRIMARY KEY, served INTEGER NOT NULL) STRICT;
        CREATE TABLE workers (
            worker TEXT PRIMARY KEY, model TEXT NOT NULL, kinds TEXT NOT NULL, methods TEXT NOT NULL,
            vocabulary TEXT NOT NULL, seen_at REAL NOT NULL
        ) STRICT;
    """)


@migrations()
def m003_concepts(db: Database) -> None:
    """What users have taught, the photos they taught it with, and the chats that may use it."""
    db.executescript("""
        CREATE TABLE concepts (
            id INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT NOT NULL, name TEXT NOT NULL, folded TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('person', 'pet', 'object', 'style')),
            model TEXT NOT NULL DEFAULT '', token TEXT NOT NULL DEFAULT '',
            vectors BLOB NOT NULL DEFAULT X'', rows INTEGER NOT NULL DEFAULT 0, dim INTEGER NOT NULL DEFAULT 0,
            status TEXT NOT NULL CHECK (status IN ('learning', 'ready', 'failed')), note TEXT NOT NULL DEFAULT '',
            facts TEXT NOT NULL DEFAULT '{}', created_at REAL NOT NULL, ready_at REAL,
            UNIQUE (owner, folded), CHECK (length(vectors) = 4 * rows * dim)
        ) STRICT;
        CREATE TABLE concept_references (
            concept INTEGER NOT NULL REFERENCES concepts ON DELETE CASCADE, place INTEGER NOT NULL,
            photo TEXT NOT NULL REFERENCES photos ON DELETE CASCADE, PRIMARY KEY (concept, place)
        ) STRICT;
        CREATE INDEX concept_references_photo ON concept_references (photo);
        CREATE TABLE concept_chats (
            concept INTEGER NOT NULL REFERENCES concepts ON DELETE CASCADE, chat TEXT NOT NULL,
            PRIMARY KEY (concept, chat)
        ) STRICT;
        CREATE INDEX concept_chats_chat ON concept_chats (chat);
    """)


@migrations()
def m004_messages(db: Database) -> None:
    """What came in, what goes out, and the log of both that a page is drawn from."""
    db.executescript("""
        CREATE TABLE inbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT, platform TEXT NOT NULL, update_id TEXT NOT NULL,
            chat TEXT NOT NULL, user TEXT NOT NULL, text TEXT NOT NULL, photos TEXT NOT NULL, data TEXT NOT NULL,
            album TEXT, state TEXT NOT NULL CHECK (state IN ('new', 'taken', 'done', 'failed')),
            attempt INTEGER NOT NULL DEFAULT 0, worker TEXT, leased_until REAL, received_at REAL NOT NULL,
            UNIQUE (platform, update_id)
        ) STRICT;
        CREATE INDEX inbox_open ON inbox (id) WHERE state IN ('new', 'taken');
        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, platform TEXT NOT NULL,
            chat TEXT NOT NULL, user TEXT NOT NULL, kind TEXT NOT NULL, job INTEGER, text TEXT NOT NULL,
            photos TEXT NOT NULL, data TEXT NOT NULL, sent TEXT NOT NULL DEFAULT '{}',
            state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'delivered', 'failed')),
            attempt INTEGER NOT NULL DEFAULT 0, worker TEXT, leased_until REAL, not_before REAL NOT NULL,
            log TEXT, created_at REAL NOT NULL, delivered_at REAL
        ) STRICT;
        CREATE INDEX outbox_open ON outbox (platform, chat, id) WHERE state IN ('waiting', 'sending');
        CREATE TABLE messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, chat TEXT NOT NULL, user TEXT NOT NULL,
            author TEXT NOT NULL CHECK (author IN ('user', 'bot')), text TEXT NOT NULL, photos TEXT NOT NULL,
            data TEXT NOT NULL, job INTEGER, at REAL NOT NULL
        ) STRICT;
        CREATE INDEX messages_chat ON messages (chat, id);
        CREATE INDEX messages_user ON messages (user);
    """)


@migrations()
def m005_chats(db: Database) -> None:
    """What each conversation is about."""
    db.executescript("""
        CREATE TABLE history (
            id INTEGER PRIMARY KEY AUTOINCREMENT, chat TEXT NOT NULL, user TEXT NOT NULL,
            photo TEXT NOT NULL, job INTEGER, request TEXT, at REAL NOT NULL,
            FOREIGN KEY (photo, user) REFERENCES photo_owners (sha256, owner) ON DELETE CASCADE
        ) STRICT;
        CREATE INDEX history_chat ON history (chat, user, id);
        CREATE INDEX history_photo ON history (photo, user);
        CREATE TABLE conversations (
            chat TEXT NOT NULL, user TEXT NOT NULL, entry INTEGER REFERENCES history ON DELETE SET NULL,
            question TEXT, asked_at REAL, PRIMARY KEY (chat, user)
        ) STRICT;
        CREATE INDEX conversations_entry ON conversations (entry);
        CREATE TABLE preferences (
            user TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (user, name)
        ) STRICT;
        CREATE TABLE consents (
            id INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT NOT NULL, what TEXT NOT NULL, wording TEXT NOT NULL,
            given INTEGER NOT NULL, at REAL NOT NULL
        ) STRICT;
        CREATE INDEX consents_user ON consents (user, what, id);
    """)


@migrations()
def m006_packs(db: Database) -> None:
    """Sticker packs: what is in them, in which order, and under which name a platform has them."""
    db.executescript("""
        CREATE TABLE packs (
            id INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT NOT NULL, title TEXT NOT NULL,
            concept INTEGER REFERENCES concepts ON DELETE CASCADE,  -- who is forgotten is so in stickers too
            set_name TEXT, created_at REAL NOT NULL, changed_at REAL NOT NULL
        ) STRICT;
        CREATE INDEX packs_owner ON packs (owner, id);
        CREATE INDEX packs_concept ON packs (concept);
        CREATE TABLE stickers (
            id INTEGER PRIMARY KEY AUTOINCREMENT, pack INTEGER NOT NULL REFERENCES packs ON DELETE CASCADE,
            place INTEGER NOT NULL, photo TEXT NOT NULL REFERENCES photos ON DELETE CASCADE,
            figure TEXT NOT NULL REFERENCES photos ON DELETE CASCADE,
            caption TEXT NOT NULL, emoji TEXT NOT NULL, expression TEXT, receipt TEXT
        ) STRICT;
        CREATE INDEX stickers_pack ON stickers (pack, place);
        CREATE INDEX stickers_photo ON stickers (photo);
        CREATE INDEX stickers_figure ON stickers (figure);
    """)


@migrations()
def m007_loans(db: Database) -> None:
    """Pictures shown in a group that somebody else there works on: theirs as long as they are the lender's."""
    db.executescript("""
        ALTER TABLE photo_owners ADD COLUMN lent_by TEXT;  -- NULL: their own
        CREATE INDEX photo_owners_lent ON photo_owners (lent_by) WHERE lent_by IS NOT NULL;
        CREATE TRIGGER photo_loans_end AFTER DELETE ON photo_owners BEGIN
            DELETE FROM photo_owners WHERE sha256 = OLD.sha256 AND lent_by = OLD.owner;
        END;
    """)


@migrations()
def m008_totals(db: Database) -> None:
    """What rows that are gone added up to, so that the figures (figures.py) only ever grow. Nobody's data."""
    db.executescript("""
        CREATE TABLE totals (
            what TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, slot INTEGER NOT NULL,  -- figures.BOUNDS
            n INTEGER NOT NULL, seconds REAL NOT NULL, evaluations INTEGER NOT NULL,
            PRIMARY KEY (what, kind, state, slot)
        ) STRICT;
        CREATE TRIGGER totals_of_jobs AFTER DELETE ON jobs WHEN OLD.state IN ('done', 'failed', 'cancelled') BEGIN
            INSERT INTO totals VALUES (
                'jobs', OLD.kind, OLD.state,
                CASE WHEN coalesce(OLD.finished_at - OLD.started_at, 0.0) <= 1.0 THEN 0
                    WHEN OLD.finished_at - OLD.started_at <= 2.0 THEN 1
                    WHEN OLD.finished_at - OLD.started_at <= 5.0 THEN 2
                    WHEN OLD.finished_at - OLD.started_at <= 10.0 THEN 3
                    WHEN OLD.finished_at - OLD.started_at <= 20.0 THEN 4
                    WHEN OLD.finished_at - OLD.started_at <= 30.0 THEN 5
                    WHEN OLD.finished_at - OLD.started_at <= 60.0 THEN 6
                    WHEN OLD.finished_at - OLD.started_at <= 120.0 THEN 7
                    WHEN OLD.finished_at - OLD.started_at <= 300.0 THEN 8
                    WHEN OLD.finished_at - OLD.started_at <= 600.0 THEN 9
                    WHEN OLD.finished_at - OLD.started_at <= 1800.0 THEN 10 ELSE 11 END,
                1, coalesce(OLD.finished_at - OLD.started_at, 0.0),
                coalesce(json_extract(OLD.result, '$.facts.unet_forward'), 0)
            ) ON CONFLICT DO UPDATE SET n = n + 1, seconds = seconds + excluded.seconds,
                evaluations = evaluations + excluded.evaluations;
        END;
        CREATE TRIGGER totals_of_deliveries AFTER DELETE ON outbox WHEN OLD.state IN ('delivered', 'failed') BEGIN
            INSERT INTO totals VALUES ('deliveries', OLD.kind, OLD.state, 0, 1, 0.0, 0)
            ON CONFLICT DO UPDATE SET n = n + 1;
        END;
    """)


@migrations()
def m009_concept_weights(db: Database) -> None:
    """Weights that were learnt for a concept beside its vectors; apart, since they are large and seldom wanted."""
    db.executescript("""
        CREATE TABLE concept_weights (
            concept INTEGER PRIMARY KEY REFERENCES concepts ON DELETE CASCADE, lora BLOB NOT NULL
        ) STRICT;
    """)


@migrations()
def m010_agreements(db: Database) -> None:
    """Which version of a wording was agreed to; codes that let one other chat use a concept, kept as their hash."""
    db.executescript("""
        ALTER TABLE consents ADD COLUMN version TEXT NOT NULL DEFAULT '';
        CREATE TABLE shares (
            code TEXT PRIMARY KEY, concept INTEGER NOT NULL REFERENCES concepts ON DELETE CASCADE,
            owner TEXT NOT NULL, expires_at REAL NOT NULL, chat TEXT  -- the one that has taken it up
        ) STRICT;
        CREATE INDEX shares_concept ON shares (concept);
        CREATE INDEX shares_owner ON shares (owner);
    """)


@migrations()
def m011_artefacts(db: Database) -> None:
    """What engines there are, and what each learnt of a concept, opaque to everybody else.

    Vectors and weights of before become one of them; their columns stay empty, since SQLite cannot drop what a CHECK names.
    """
    db.executescript("""
        CREATE TABLE concept_artefacts (
            concept INTEGER NOT NULL REFERENCES concepts ON DELETE CASCADE, engine TEXT NOT NULL,
            format TEXT NOT NULL, data BLOB NOT NULL, learnt_at REAL NOT NULL, PRIMARY KEY (concept, engine)
        ) STRICT;
        ALTER TABLE workers ADD COLUMN engines TEXT NOT NULL DEFAULT '[]';
    """)
    rows = db.query(
        "SELECT id, vectors, rows, dim, model, facts, lora, coalesce(ready_at, created_at) AS at FROM concepts"
        " LEFT JOIN concept_weights ON concept = id WHERE rows > 0"
    )
    for row in list(rows):
        vectors = np.frombuffer(row["vectors"], "<f4").reshape(row["rows"], row["dim"])
        lora = np.frombuffer(row["lora"] or b"", np.uint8)
        facts = np.frombuffer(row["facts"].encode(), np.uint8)
        data = io.BytesIO()
        np.savez(data, vectors=vectors, lora=lora, facts=facts)
        db.execute(
            "INSERT INTO concept_artefacts VALUES (?, 'diffusion', ?, ?, ?)",
            (row["id"], row["model"], data.getvalue(), row["at"]),
        )
    db.execute("UPDATE concepts SET vectors = X'', rows = 0, dim = 0, model = ''")
    db.execute("DROP TABLE concept_weights")


@migrations()
def m012_marks_that_came_in(db: Database) -> None:
    """What the mark on somebody's picture said when it came in; it goes with the picture."""
    db.executescript("""
        CREATE TABLE photo_marks (
            photo TEXT NOT NULL, owner TEXT NOT NULL, producer TEXT NOT NULL, produce_id TEXT NOT NULL, at REAL NOT NULL,
            PRIMARY KEY (photo, owner),
            FOREIGN KEY (photo, owner) REFERENCES photo_owners (sha256, owner) ON DELETE CASCADE
        ) STRICT;
    """)


@migrations()
def m013_tickets(db: Database) -> None:
    """Leave to answer that ends; what is kept until there is leave again, out of everybody else's way."""
    db.executescript("""
        CREATE TABLE tickets (
            id INTEGER PRIMARY KEY, chat TEXT NOT NULL, user TEXT NOT NULL, value TEXT NOT NULL,
            expires_at REAL NOT NULL, uses INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX tickets_user ON tickets (user, chat);
        ALTER TABLE outbox ADD COLUMN kept_until REAL;  -- NULL: not kept
        ALTER TABLE outbox ADD COLUMN late INTEGER NOT NULL DEFAULT 0;  -- the leave to say it had ended
    """)


@migrations()
def m014_fairness(db: Database) -> None:
    """Rounds (fair_queue.py) in place of the order of serving, for jobs and for messages; when a job last got on;
    what was given up; how the clock stood (steady_clock.py)."""
    db.executescript("""
        ALTER TABLE jobs ADD COLUMN round INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE jobs ADD COLUMN progressed_at REAL;
        ALTER TABLE inbox ADD COLUMN round INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX jobs_round ON jobs (round, id) WHERE state = 'queued';
        CREATE INDEX jobs_owner_created ON jobs (owner, created_at);
        CREATE INDEX inbox_round ON inbox (round, id) WHERE state IN ('new', 'taken');
        CREATE INDEX inbox_person ON inbox (chat, user, id) WHERE state IN ('new', 'taken');
        CREATE INDEX photo_owners_sent ON photo_owners (owner, created_at);
        DROP TABLE turns;
        CREATE TABLE turns (
            lane TEXT NOT NULL, owner TEXT NOT NULL, round INTEGER NOT NULL, PRIMARY KEY (lane, owner)
        ) STRICT;
        CREATE TABLE rounds (lane TEXT PRIMARY KEY, round INTEGER NOT NULL) STRICT;
        CREATE TABLE incidents (
            id INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT NOT NULL CHECK (what IN ('message', 'delivery', 'job')),
            ref INTEGER NOT NULL, log TEXT NOT NULL, at REAL NOT NULL
        ) STRICT;
        CREATE INDEX incidents_at ON incidents (at);
        CREATE TABLE steady_clock (
            one INTEGER PRIMARY KEY CHECK (one = 1), boot TEXT NOT NULL, ahead REAL NOT NULL
        ) STRICT;
    """)


@migrations()
def m015_branches(db: Database) -> None:
    """After which picture each was made, and which of those after it redoing leads to: going back and editing keeps what
    was made before."""
    db.executescript("""
        ALTER TABLE history ADD COLUMN parent INTEGER REFERENCES history ON DELETE SET NULL;
        ALTER TABLE history ADD COLUMN next INTEGER REFERENCES history ON DELETE SET NULL;
        CREATE INDEX history_parent ON history (parent);
        CREATE INDEX history_next ON history (next);
        UPDATE history SET parent = (
            SELECT max(id) FROM history AS earlier
            WHERE earlier.chat = history.chat AND earlier.user = history.user AND earlier.id < history.id
        ) WHERE request IS NOT NULL;
        UPDATE history SET next = (SELECT id FROM history AS later WHERE later.parent = history.id);
    """)


@migrations()
def m016_departures(db: Database) -> None:
    """What may be sent to another computer, as each user has said: everything, one photo, words alone."""
    db.executescript("""
        CREATE TABLE departures (
            user TEXT NOT NULL, host TEXT NOT NULL, scope TEXT NOT NULL CHECK (scope IN ('always', 'photo', 'words')),
            photo TEXT, allowed INTEGER NOT NULL, at REAL NOT NULL,
            CHECK ((scope = 'photo') = (photo IS NOT NULL)),
            FOREIGN KEY (photo, user) REFERENCES photo_owners (sha256, owner) ON DELETE CASCADE
        ) STRICT;
        CREATE UNIQUE INDEX departures_what ON departures (user, host, scope, coalesce(photo, ''));
        CREATE INDEX departures_photo ON departures (photo, user);
    """)


@migrations()
def m017_moving_packs(db: Database) -> None:
    """Packs whose stickers move, and packs of faces alone, as small as emoji."""
    db.executescript("""
        ALTER TABLE packs ADD COLUMN moving INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE packs ADD COLUMN close INTEGER NOT NULL DEFAULT 0;
    """)


@migrations()
def m018_looks(db: Database) -> None:
    """Photos that a worker looks at unasked, and what it saw (JSON; NULL: nothing yet)."""
    db.executescript("""
        CREATE TABLE looks (
            photo TEXT NOT NULL, owner TEXT NOT NULL, asked_at REAL NOT NULL, attempt INTEGER NOT NULL DEFAULT 0,
            leased_until REAL, facts TEXT, PRIMARY KEY (photo, owner),
            FOREIGN KEY (photo, owner) REFERENCES photo_owners (sha256, owner) ON DELETE CASCADE
        ) STRICT;
        CREATE INDEX looks_open ON looks (owner, asked_at) WHERE facts IS NULL;
    """)


@migrations()
def m019_dead_jobs(db: Database) -> None:
    """A state for jobs that their workers died of, three times. SQLite changes no CHECK: the table is made anew.

    The old one gives its name away first: so nothing ever refers to it, and its rows go without touching anybody else's.
    """
    db.executescript("""
        ALTER TABLE jobs RENAME TO jobs_before;
        CREATE TABLE jobs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice: a cancel button may be old
            key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, owner TEXT NOT NULL, chat TEXT NOT NULL,
            request TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'dead')),
            after INTEGER REFERENCES jobs ON DELETE SET NULL, silent INTEGER NOT NULL DEFAULT 0,
            attempt INTEGER NOT NULL DEFAULT 0, worker TEXT, leased_until REAL, beat_at REAL,
            progress TEXT, error TEXT, log TEXT, result TEXT,
            created_at REAL NOT NULL, started_at REAL, finished_at REAL,
            round INTEGER NOT NULL DEFAULT 0, progressed_at REAL
        ) STRICT;
        INSERT INTO jobs (id, key, kind, owner, chat, request, state, after, silent, attempt, worker, leased_until, beat_at,
                progress, error, log, result, created_at, started_at, finished_at, round, progressed_at)
            SELECT id, key, kind, owner, chat, request,
                CASE WHEN state = 'failed' AND log GLOB 'worker died * times' THEN 'dead' ELSE state END,
                after, silent, attempt, worker, leased_until, beat_at,
                progress, error, log, result, created_at, started_at, finished_at, round, progressed_at
            FROM jobs_before;
        DELETE FROM sqlite_sequence WHERE name = 'jobs';
        INSERT INTO sqlite_sequence (name, seq) SELECT 'jobs', seq FROM sqlite_sequence WHERE name = 'jobs_before';
        DROP TABLE jobs_before;  -- its indexes and its trigger go with it, and no trigger fires
        CREATE INDEX jobs_open ON jobs (kind, owner, id) WHERE state = 'queued';
        CREATE INDEX jobs_leased ON jobs (leased_until) WHERE state = 'running';
        CREATE INDEX jobs_owner ON jobs (owner, state);
        CREATE INDEX jobs_chat ON jobs (chat, id);
        CREATE INDEX jobs_after ON jobs (after) WHERE after IS NOT NULL;
        CREATE INDEX jobs_finished ON jobs (kind, finished_at) WHERE state = 'done';
        CREATE INDEX jobs_round ON jobs (round, id) WHERE state = 'queued';
        CREATE INDEX jobs_owner_created ON jobs (owner, created_at);
        CREATE TRIGGER totals_of_jobs AFTER DELETE ON jobs WHEN OLD.state IN ('done', 'failed', 'cancelled', 'dead') BEGIN
            INSERT INTO totals VALUES (
                'jobs', OLD.kind, OLD.state,
                CASE WHEN coalesce(OLD.finished_at - OLD.started_at, 0.0) <= 1.0 THEN 0
                    WHEN OLD.finished_at - OLD.started_at <= 2.0 THEN 1
                    WHEN OLD.finished_at - OLD.started_at <= 5.0 THEN 2
                    WHEN OLD.finished_at - OLD.started_at <= 10.0 THEN 3
                    WHEN OLD.finished_at - OLD.started_at <= 20.0 THEN 4
                    WHEN OLD.finished_at - OLD.started_at <= 30.0 THEN 5
                    WHEN OLD.finished_at - OLD.started_at <= 60.0 THEN 6
                    WHEN OLD.finished_at - OLD.started_at <= 120.0 THEN 7
                    WHEN OLD.finished_at - OLD.started_at <= 300.0 THEN 8
                    WHEN OLD.finished_at - OLD.started_at <= 600.0 THEN 9
                    WHEN OLD.finished_at - OLD.started_at <= 1800.0 THEN 10 ELSE 11 END,
                1, coalesce(OLD.finished_at - OLD.started_at, 0.0),
                coalesce(json_extract(OLD.result, '$.facts.unet_forward'), 0)
            ) ON CONFLICT DO UPDATE SET n = n + 1, seconds = seconds + excluded.seconds,
                evaluations = evaluations + excluded.evaluations;
        END;
    """)


@migrations()
def m020_batches(db: Database) -> None:
    """Jobs that one sentence asked for on several photos (batches.py)."""
    db.executescript("""
        ALTER TABLE jobs ADD COLUMN batch TEXT;
        CREATE INDEX jobs_batch ON jobs (batch) WHERE batch IS NOT NULL;
    """)
