"""Accounts of the desk, their sessions, what was done to them, failed logins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_FORBID_SQLITE = (
    """
    CREATE TRIGGER user_events_no_update BEFORE UPDATE ON user_events
    BEGIN SELECT RAISE(ABORT, 'user_events is append-only'); END
    """,
    """
    CREATE TRIGGER user_events_no_delete BEFORE DELETE ON user_events
    BEGIN SELECT RAISE(ABORT, 'user_events is append-only'); END
    """,
    # INSERT OR REPLACE would delete the old row without firing the trigger above.
    """
    CREATE TRIGGER user_events_no_replace BEFORE INSERT ON user_events
    WHEN EXISTS (SELECT 1 FROM user_events WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'user_events is append-only'); END
    """,
)

_FORBID_POSTGRESQL = (
    """
    CREATE FUNCTION user_events_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'user_events is append-only'; END $$
    """,
    """
    CREATE TRIGGER user_events_no_change BEFORE UPDATE OR DELETE ON user_events
    FOR EACH ROW EXECUTE FUNCTION user_events_append_only()
    """,
    """
    CREATE TRIGGER user_events_no_truncate BEFORE TRUNCATE ON user_events
    FOR EACH STATEMENT EXECUTE FUNCTION user_events_append_only()
    """,
)


def upgrade() -> None:
    _users()
    _sessions()
    _failures()
    _events()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _FORBID_SQLITE if sqlite else _FORBID_POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    for table in ("user_events", "login_failures", "sessions", "users"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION user_events_append_only()")


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("out_at", sa.Text),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("last_login_at", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("login", name="uq_users_login"),
        sa.CheckConstraint("role IN ('reader', 'editor', 'chief')", name=op.f("ck_users_role")),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("seen_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])


def _failures() -> None:
    op.create_table(
        "login_failures",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", sa.Text, nullable=False),
        sa.Column("until_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_login_failures"),
    )


def _events() -> None:
    op.create_table(
        "user_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False, autoincrement=True),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_user_events"),
    )
