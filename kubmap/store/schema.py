"""Tables of the store, the same on SQLite and PostgreSQL.

Moments are ISO 8601 text (a day stays a day, and text sorts by time); nested values are JSON text written by `codec`.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, MetaData, Table, Text
from sqlalchemy import UniqueConstraint as Unique

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("title", Text),
    Column("text", Text, nullable=False),
    Column("source_name", Text),
    Column("source_url", Text),
    Column("published_at", Text),
    Column("starts_at", Text),
    Column("ends_at", Text),
    Column("is_scheduled", Boolean),
    Column("casualties", Text),
    Column("location", Text),
    Column("alternatives", Text),
    Column("reasons", Text),
    Column("outage", Text),
    Column("location_verified", Boolean, nullable=False),
    Column("duplicate_of", Text, ForeignKey("incidents.id")),
    Column("sources", Text),
    Column("created_by", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    # Those below are the store's own, not the domain's.
    Column("import_key", Text, unique=True),  # identity.import_key; null for what was typed in
    Column("import_marks", Text),  # what the last import read, a digest a field: codec.marks
    Column("text_key", Text),  # identity.text_key: the same words, wherever they come from
    Column("revision", BigInteger, nullable=False),  # revision of the last change that readers could see; 0: none
    # Of drafts, what the queue sorts and counts by (drafts.traits); null for other records.
    Column("confidence", Integer),  # ten-thousandths
    Column("doubts", Text),  # their codes, with a space after each
    Column("zone", Text),  # "" for none
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("status <> 'published' OR category <> 'none'", name="none_is_never_published"),
    Index("ix_incidents_status", "status", "id"),
    Index("ix_incidents_revision", "revision"),
    Index("ix_incidents_text_key", "text_key"),
    Index("ix_incidents_duplicate_of", "duplicate_of"),
    Index("ix_incidents_confidence", "status", "confidence", "id"),
    Index("ix_incidents_days", "status", "published_at", "starts_at", "ends_at", "id"),
)

history = Table(
    "history",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("incident_id", Text, ForeignKey("incidents.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("snapshot", Text, nullable=False),  # codec.to_json
    Column("diff", Text, nullable=False),  # {field: [before, after]}
    Unique("incident_id", "version"),
)

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
"""Numbers of the store as a whole: `revision`, `epoch` (tells one database from another), `demo` (0 or 1), `doubts`
(the rules that the drafts' confidence is of)."""

# The duty desk.

working = Table(
    "working",
    metadata,
    Column("owner", Text, primary_key=True),  # login
    Column("target", Text, primary_key=True),  # id of an incident, or "paste"
    Column("base_version", Integer),
    Column("content", Text, nullable=False),  # a JSON object, as the page gave it
    Column("at", Text, nullable=False),
)
"""What editors typed and have not saved."""

presence = Table(
    "presence",
    metadata,
    Column("incident_id", Text, primary_key=True),
    Column("owner", Text, primary_key=True),
    Column("at", Text, nullable=False),
)
"""Who has what open, and when they were last heard of."""

pairs = Table(
    "pairs",
    metadata,
    Column("first", Text, primary_key=True),  # the lesser id of the two
    Column("second", Text, primary_key=True),
    Column("actor", Text, nullable=False),
    Column("at", Text, nullable=False),
    Index("ix_pairs_second", "second"),
)
"""Pairs that an editor said are not duplicates."""

undos = Table(
    "undos",
    metadata,
    Column("token", Text, primary_key=True),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("items", Text, nullable=False),  # [[id, version before, version after], …]
    Column("at", Text, nullable=False),
)
"""Actions that can be taken back."""

purges = Table(
    "purges",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("incident_id", Text, nullable=False),
    Column("versions", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
"""Incidents that were removed wholly: nothing of what they said. Append-only (triggers)."""

purging = Table(
    "purging",
    metadata,
    Column("incident_id", Text, primary_key=True),
    Column("ends", Text, ForeignKey("meta.key", deferrable=True, initially="DEFERRED"), nullable=False),
)
"""Whose history the running transaction may delete. `ends` refers to what never exists, checked at the commit: a row
that is still there makes the commit fail, so none is ever seen from outside."""

users = Table(
    "users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("login", Text, nullable=False, unique=True),  # as passwords.login_of writes it
    Column("role", Text, nullable=False),
    Column("password", Text),  # an argon2id hash; null for who comes by OIDC only
    Column("epoch", Integer, nullable=False),  # grows with a logout everywhere
    Column("out_at", Text),  # when that was: what an OIDC provider said before does not count
    Column("disabled", Boolean, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("last_login_at", Text),
    CheckConstraint("role IN ('reader', 'editor', 'chief')", name="role"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),  # sha256 of what the browser keeps: a copy of the table opens nothing
    Column("user_id", Text, ForeignKey("users.id"), nullable=False),
    Column("epoch", Integer, nullable=False),  # of the user at login
    Column("created_at", Text, nullable=False),
    Column("seen_at", Text, nullable=False),
    Index("ix_sessions_user_id", "user_id"),
)

user_events = Table(
    "user_events",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("login", Text, nullable=False),
    Column("detail", Text, nullable=False),
)
"""Who changed which account when: append-only, triggers forbid the rest."""

login_failures = Table(
    "login_failures",
    metadata,
    Column("key", Text, primary_key=True),  # sha256 of "login:…", "address:…" or "device:…"
    Column("failures", Integer, nullable=False),
    Column("last_at", Text, nullable=False),
    Column("until_at", Text, nullable=False),
)
"""Failed logins of names that exist and of names that do not: both leave the same traces."""

# Files that editors load.

mappings = Table(
    "mappings",
    metadata,
    Column("kind", Text, primary_key=True),  # "teasers" or "notices"
    Column("signature", Text, primary_key=True),  # of the header: kubmap.store.mapping.signature
    Column("header", Text, nullable=False),  # JSON list of the columns' names
    Column("content", Text, nullable=False),  # a JSON object: fields of the columns, values for the whole file
    Column("actor", Text, nullable=False),
    Column("at", Text, nullable=False),
)
"""What the columns of a file mean, as an editor said it last."""

loads = Table(
    "loads",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),  # of the file
    Column("state", Text, nullable=False),  # kubmap.store.loads.State
    Column("actor", Text, nullable=False),
    Column("plan", Text, nullable=False),  # a JSON object: how the file is read
    Column("total", Integer),  # rows, as far as it is known
    Column("report", Text, nullable=False),  # a JSON object: counts of kubmap.store.intake.Report
    Column("mark", Integer, nullable=False),  # bytes of the rejects that belong to the rows counted
    Column("cancel", Boolean, nullable=False),
    Column("message", Text, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("at", Text, nullable=False),  # of the last sign of life
)
"""Imports that run in the background, and those that did."""

# Feeds that are polled.

sources = Table(
    "sources",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),  # what its items say they come from
    Column("url", Text, nullable=False, unique=True),
    Column("enabled", Boolean, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("tried_at", Text),
    Column("succeeded_at", Text),
    Column("failures", Integer, nullable=False),  # in a row
    Column("next_at", Text),  # not before; null: at any time
    Column("error", Text, nullable=False),  # in Russian; empty when the last try went well
    Column("items", Integer, nullable=False),  # records that it made
    Column("told", Text, nullable=False),  # of the last reading, in Russian: counts, items that were refused
    Column("added_by", Text, nullable=False),
    Column("added_at", Text, nullable=False),
)

source_items = Table(
    "source_items",
    metadata,
    Column("source_id", Text, ForeignKey("sources.id"), primary_key=True),
    Column("item", Text, primary_key=True),  # digest of the item's own id
    Column("import_key", Text, nullable=False),  # of its record
    Column("seen_at", Text, nullable=False),
)
"""Which record an item became: with other words it comes again as the same."""

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("until_at", Text, nullable=False),
)
"""What one process at a time does."""
