"""The migrations make exactly the tables of models/records.py; an older database is brought up whole or not at all."""

import runpy
import shutil

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Engine, Integer, String, Table, create_engine, insert, inspect, select, text

from data.__main__ import main
from data.database import schema_version
from data.database.engine import DatabaseAccessError, open_database, revision, write_transaction
from data.database.schema_version import MIGRATIONS_FOLDER
from models.records import Change, Client, ImportBatch, Record, Treatment
from tests import factories

LATEST = max(file.name[:4] for file in (MIGRATIONS_FOLDER / "versions").glob("[0-9]*.py"))
NEXT = f"{int(LATEST) + 1:04}"

NEXT_VERSION = f"""
import sqlalchemy as sa
from alembic import op

revision = "{NEXT}"
down_revision = "{LATEST}"


def upgrade():
    with op.batch_alter_table("client", recreate="auto") as client:
        client.add_column(sa.Column("height", sa.Integer()))
        client.create_check_constraint("height_above_zero", "height > 0")
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def own_url(request, tmp_path):
    """A database at this version whose tables this test may change."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
    else:
        with request.getfixturevalue("postgresql_server").database("migrated") as url:
            yield url


def test_alembic_finds_no_difference_between_the_records_and_the_migrations(engine):
    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), Record.metadata)
    assert difference == [], (
        'The records have moved on. Write a migration: python -m data.database.migrations "what changed"'
    )


def test_migrated_tables_equal_tables_made_from_the_records_down_to_each_constraint(engine, request):
    """Alembic does not compare checks, names of keys or defaults; the database itself can be asked for all of them."""
    if engine.dialect.name == "sqlite":
        assert described(engine) == described(made_from_the_records("sqlite://"))
    else:
        with request.getfixturevalue("postgresql_server").database() as url:
            direct = made_from_the_records(url.replace("postgresql:", "postgresql+psycopg:"))
            assert described(engine) == described(direct)
            direct.dispose()


def made_from_the_records(url: str) -> Engine:
    engine = create_engine(url)
    Record.metadata.create_all(engine)
    return engine


def described(engine: Engine) -> dict:
    tables = inspect(engine)
    return {
        name: {
            "columns": sorted(
                (c["name"], str(c["type"]), c["nullable"], c["default"]) for c in tables.get_columns(name)
            ),
            "primary key": tables.get_pk_constraint(name),
            "foreign keys": sorted(tables.get_foreign_keys(name), key=lambda key: key["name"]),
            "unique": sorted(tables.get_unique_constraints(name), key=lambda unique: unique["name"]),
            "checks": sorted(map(str, tables.get_check_constraints(name))),
            "indexes": sorted(map(in_words, tables.get_indexes(name))),
        }
        for name in sorted(set(tables.get_table_names()) - {"alembic_version"})
    }


def in_words(index: dict) -> str:
    """What an index is, its condition as text: two equal ones are two objects."""
    return str(index | {"dialect_options": {name: str(told) for name, told in index["dialect_options"].items()}})


def test_a_changed_record_gets_its_migration_by_one_command(sqlite_url, monkeypatch, tmp_path):
    with_a_next_version("", monkeypatch, tmp_path)
    (tmp_path / "migrations" / "versions" / f"{NEXT}_next.py").unlink()
    new = Table("referral", Record.metadata, Column("id", Integer, primary_key=True), Column("to", String(40)))
    monkeypatch.setattr("sys.argv", ["data.database.migrations", "Referrals"])
    try:
        runpy.run_module("data.database.migrations", run_name="__main__")
        engine = open_database(sqlite_url)
        assert inspect(engine).get_columns("referral")[1]["name"] == "to"
        engine.dispose()
    finally:
        Record.metadata.remove(new)
    assert (tmp_path / "migrations" / "versions" / f"{NEXT}_referrals.py").exists()


def with_a_next_version(script: str, monkeypatch, tmp_path) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS_FOLDER, folder)
    (folder / "versions" / f"{NEXT}_next.py").write_text(script)
    monkeypatch.setattr(schema_version, "MIGRATIONS_FOLDER", folder)


def one_treatment(engine: Engine) -> None:
    with write_transaction(engine) as connection:
        factories.treatment(connection)


AS_IT_WAS_AT_0001 = (
    "UPDATE revision SET number = 1",
    "INSERT INTO import_batch (id, made_at, source, format, files, rows_read, rows_stored, rows_changed, "
    "rows_unchanged, rows_refused) VALUES (1, '2026-03-01 00:00:00', 'clinic', 'template', 'a.csv', 1, 1, 0, 0, 0)",
    "INSERT INTO site (id, code) VALUES (1, 'north')",
    "INSERT INTO client (id, key) VALUES (1, 'A1')",
    "INSERT INTO treatment (id, client_id, site_id, date, source, source_id, import_batch_id) "
    "VALUES (1, 1, 1, '2026-03-01', 'clinic', 'V1', 1)",
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url_at_0001(request, tmp_path):
    """A database of the version before changes were kept, with one treatment of one import."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/older.db"
        at_0001(create_engine(url))
        yield url
    else:
        with request.getfixturevalue("postgresql_server").database() as url:
            at_0001(create_engine(url.replace("postgresql:", "postgresql+psycopg:")))
            yield url


def at_0001(engine: Engine) -> None:
    with engine.begin() as connection:
        command.upgrade(schema_version.alembic_config(connection), "0001")
        for statement in AS_IT_WAS_AT_0001:
            connection.execute(text(statement))
    engine.dispose()


def test_a_database_of_the_version_before_keeps_its_records_and_can_hold_changes(url_at_0001):
    engine = open_database(url_at_0001)
    with engine.connect() as connection:
        batch = connection.execute(select(ImportBatch.files, ImportBatch.entered_by, ImportBatch.why)).one()
        assert tuple(batch) == ("a.csv", None, None)
        assert connection.scalar(select(Treatment.source_id)) == "V1"
    assert revision(engine) == 1
    with write_transaction(engine) as connection:
        connection.execute(insert(Change).values(import_batch_id=1, kind="clients", key="A1", before="{}"))
    engine.dispose()


@pytest.mark.parametrize(
    ("taken_out", "lacks"),
    [("DROP TABLE change", "lacks the table change"),
     ("ALTER TABLE import_batch DROP COLUMN why", "lacks the column import_batch.why")],
)  # fmt: skip
def test_a_database_that_lacks_a_part_of_its_version_is_refused_with_what_it_lacks(taken_out, lacks, own_url):
    driver = own_url.replace("postgresql:", "postgresql+psycopg:")
    with create_engine(driver).begin() as connection:
        connection.execute(text(taken_out))
    with pytest.raises(DatabaseAccessError, match=f"{lacks}. Nothing was changed. Restore a backup"):
        open_database(own_url)


def changed(url: str, *statements: str) -> None:
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def tables(url: str) -> dict:
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    found = described(engine)
    engine.dispose()
    return found


def refused_untouched(url: str, message: str) -> None:
    before = tables(url)
    with pytest.raises(
        DatabaseAccessError, match=f"^The database .+ {message}\\. Nothing was changed\\. Restore a backup"
    ):
        open_database(url)
    assert tables(url) == before


@pytest.mark.parametrize(
    ("statement", "message"),
    [("DELETE FROM revision", "has 0 rows in the table revision, which must have one"),
     ("INSERT INTO revision (number) VALUES (7)", "has 2 rows in the table revision, which must have one"),
     ("DELETE FROM alembic_version", "has 0 rows in the table alembic_version, which must have one"),
     ("DROP TABLE alembic_version", "has 0 rows in the table alembic_version, which must have one"),
     ("INSERT INTO alembic_version VALUES ('0001')", "has 2 rows in the table alembic_version, which must have one"),
     ("UPDATE alembic_version SET version_num = '0001'",
      "says that it is of version 0001, but has the .+ of a later version"),
     ("UPDATE alembic_version SET version_num = '0002'",
      "says that it is of version 0002, but has the .+ of a later version")],
)  # fmt: skip
def test_a_database_whose_version_or_revision_is_not_what_it_holds_is_refused(statement, message, own_url):
    changed(own_url, statement)
    refused_untouched(own_url, message)


def test_a_database_that_lost_an_index_that_only_makes_it_fast_is_opened(own_url):
    changed(own_url, "DROP INDEX ix_side_effect_client_id")
    open_database(own_url).dispose()


def test_an_older_database_that_lacks_a_part_of_its_version_is_refused(url_at_0001):
    changed(url_at_0001, "DROP TABLE remedy")
    refused_untouched(url_at_0001, "lacks the table remedy")


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("table", "rule"),
    [("client", "uq_client_key"), ("injection", "ck_injection_units_not_negative"),
     ("injection", "fk_injection_treatment_id"), ("change_marker", "pk_change_marker")],
)  # fmt: skip
def test_a_rule_that_was_dropped_on_postgresql_is_named(table, rule, postgresql_server):
    with postgresql_server.database("migrated") as url:
        changed(url, f"ALTER TABLE {table} DROP CONSTRAINT {rule}")
        refused_untouched(url, f"lacks the rule {rule}")


@pytest.mark.parametrize(
    ("rule", "line"),
    [("uq_client_key", ', \n\tCONSTRAINT uq_client_key UNIQUE ("key")'),
     ("ck_injection_units_not_negative", ", \n\tCONSTRAINT ck_injection_units_not_negative CHECK (units >= 0)")],
)  # fmt: skip
def test_a_rule_that_a_rebuilt_table_lost_on_sqlite_is_named(rule, line, sqlite_url):
    table = rule.split("_")[1]
    engine = create_engine(sqlite_url)
    with engine.connect() as connection:
        made = connection.scalar(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table})
    engine.dispose()
    assert line in made, made
    changed(sqlite_url, f"DROP TABLE {table}", made.replace(line, ""))
    refused_untouched(sqlite_url, f"lacks the rule {rule}")


def test_a_column_whose_type_was_changed_is_named(own_url):
    changed(own_url, "ALTER TABLE product DROP COLUMN unit", "ALTER TABLE product ADD COLUMN unit INTEGER")
    refused_untouched(own_url, "has values of another type in the column product.unit")


def test_a_column_of_a_type_that_is_not_ours_is_left_alone(own_url):
    changed(own_url, "ALTER TABLE site ADD COLUMN address bytea")
    open_database(own_url).dispose()


def test_what_is_wrong_with_a_database_is_said_on_the_command_line(sqlite_url, monkeypatch, capsys, tmp_path):
    changed(sqlite_url, "DELETE FROM revision")
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    assert main(["export", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert "has 0 rows in the table revision" in said
    assert "Traceback" not in said


def test_a_table_that_others_point_to_is_rebuilt_with_its_records(own_url, monkeypatch, tmp_path):
    older = open_database(own_url)
    one_treatment(older)
    older.dispose()
    with_a_next_version(NEXT_VERSION, monkeypatch, tmp_path)
    engine = open_database(own_url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == NEXT
        assert connection.execute(text("SELECT key, height FROM client")).all() == [("a", None)]
        assert connection.scalar(select(Treatment.client_id)) == 1
    assert revision(engine) == 1
    checks = inspect(engine).get_check_constraints("client")
    assert [check["name"] for check in checks] == ["ck_client_height_above_zero"]
    engine.dispose()


@pytest.mark.parametrize(
    "failure", ["raise KeyboardInterrupt", "op.execute('INSERT INTO client (id) VALUES (NULL)')", "op.drop_table('x')"]
)
def test_a_migration_that_fails_leaves_the_older_version_whole(failure, own_url, monkeypatch, tmp_path):
    older = open_database(own_url)
    one_treatment(older)
    before = described(older)
    older.dispose()
    with monkeypatch.context() as during:
        with_a_next_version(f"{NEXT_VERSION}    {failure}\n", during, tmp_path)
        with pytest.raises(BaseException):  # noqa: B017 - whatever it is, nothing may be left of it
            open_database(own_url)
    engine = open_database(own_url)
    assert described(engine) == before
    with engine.connect() as connection:
        assert connection.scalar(select(Client.key)) == "a"
    engine.dispose()


def test_a_migration_that_leaves_records_pointing_to_nothing_is_taken_back(sqlite_url, monkeypatch, tmp_path):
    older = open_database(sqlite_url)
    one_treatment(older)
    older.dispose()
    with_a_next_version(f"{NEXT_VERSION}    op.execute('DELETE FROM client')\n", monkeypatch, tmp_path)
    with pytest.raises(DatabaseAccessError, match="records that point to nothing"):
        open_database(sqlite_url)
    monkeypatch.undo()
    engine = open_database(sqlite_url)
    with engine.connect() as connection:
        assert connection.scalar(select(Client.key)) == "a"
    engine.dispose()
