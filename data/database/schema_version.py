"""The version of a database, which must have all its tables, columns and rules: a lost rule leads to wrong figures."""

from contextlib import suppress
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, func, inspect, select

from data.database.errors import DAMAGED, DatabaseAccessError
from models.records import Record, Revision

MIGRATIONS_FOLDER = Path(__file__).parent / "migrations"
TABLES_OF_EVERY_VERSION = {"treatment", "injection", "side_effect", "revision"}
RESTORE = DAMAGED[1]


def alembic_config(connection: Connection) -> Config:
    """The configuration that lets Alembic work on this connection, inside its transaction."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def read_versions(connection: Connection) -> tuple[str | None, str]:
    """The version of the database, None if it is empty, and the newest version.

    Raises DatabaseAccessError for a foreign, newer, incomplete or truncated database. Takes 90 ms on SQLite, and 200 ms
    more for an older version, which is built in memory to compare.
    """
    url, scripts = connection.engine.url, ScriptDirectory(str(MIGRATIONS_FOLDER))
    newest = scripts.get_current_head()
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA journal_mode").scalar() != "wal":
        # SQLite itself notices missing pages, but reads the missing end of the last page as zeros. A database in WAL
        # mode is complete once its log is written back.
        page_size = connection.exec_driver_sql("PRAGMA page_size").scalar()
        if Path(url.database).stat().st_size % page_size:
            raise DatabaseAccessError(url, *DAMAGED)
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return None, newest
    if not tables >= TABLES_OF_EVERY_VERSION:
        raise DatabaseAccessError(url, "holds the tables of another program", "Name another one in DATABASE_URL.")
    versions = MigrationContext.configure(connection).get_current_heads()
    if len(versions) != 1:
        raise DatabaseAccessError(
            url, f"has {len(versions)} rows in the table alembic_version, which must have one", RESTORE
        )
    if versions[0] not in {script.revision for script in scripts.walk_revisions()}:
        raise DatabaseAccessError(
            url, f"was made by a newer version of Sequela ({versions[0]})", "Update Sequela and start it again."
        )
    _require_all_parts(connection, versions[0], newest)
    if (rows := connection.scalar(select(func.count()).select_from(Revision))) != 1:
        raise DatabaseAccessError(url, f"has {rows} rows in the table revision, which must have one", RESTORE)
    return versions[0], newest


def _require_all_parts(connection: Connection, version: str, newest: str) -> None:
    expected, stored = Record.metadata, MetaData()
    if version != newest:
        expected = MetaData()
        with create_engine("sqlite://").connect() as older:
            command.upgrade(alembic_config(older), version)
            expected.reflect(older)
    stored.reflect(connection, resolve_fks=False)
    stored_parts, parts, newest_parts = map(_parts_of, (stored, expected, Record.metadata))
    happened = None
    if later := (newest_parts.keys() - parts.keys()) & stored_parts.keys():
        happened = f"says that it is of version {version}, but has {min(later)[1]} of a later version"
    elif missing := {
        (table, part)
        for table, part in parts.keys() - stored_parts.keys()
        # A lost index only makes it slow. A lost table is named without its parts.
        if not part.startswith("the index") and (part == f"the table {table}" or table in stored.tables)
    }:
        happened = f"lacks {', '.join(sorted(part for _, part in missing))}"
    elif changed := {part for part, kind in parts.items() if stored_parts.get(part, kind) is not kind}:
        happened = f"has values of another type in {', '.join(sorted(part for _, part in changed))}"
    if happened:
        raise DatabaseAccessError(connection.engine.url, happened, RESTORE)


def _parts_of(metadata: MetaData) -> dict[tuple[str, str], type | None]:
    """(table, part) -> the type of its values, for each table, column, rule (key, check, unique index) and index."""
    parts: dict[tuple[str, str], type | None] = {}
    for table in metadata.tables.values():
        parts[table.name, f"the table {table.name}"] = None
        for column in table.columns:
            parts[table.name, f"the column {table.name}.{column.name}"] = None
            with suppress(NotImplementedError):  # a type that no column of ours has
                parts[table.name, f"the column {table.name}.{column.name}"] = column.type.python_type
        parts |= {(table.name, f"the rule {rule.name}"): None for rule in table.constraints if rule.name}
        for index in table.indexes:
            parts[table.name, f"the {'rule' if index.unique else 'index'} {index.name}"] = None
    return parts
