"""The pseudonym key is kept apart from the database, is found by its records, and is never replaced."""

import stat

import keyring
import pytest
from keyring.errors import KeyringLocked

from data.__main__ import main
from data.database.engine import open_database
from data.importing.manual_entry import client_key
from data.importing.pipeline import key_name
from data.privacy import pseudonym_key
from data.privacy.pseudonym_key import (
    CURRENT,
    KEY_NAME,
    SERVICE,
    KeyFolder,
    PseudonymKeyError,
    load_key,
    make_pseudonym,
    make_pseudonymizer,
)
from tests.data.factories import EXAMPLES, counts, imported

TEMPLATE = [EXAMPLES / "template"]


def name_of(key: bytes) -> str:
    return make_pseudonym(key, *KEY_NAME)


class Keyring:
    """A keyring in memory, as the operating system offers one."""

    priority = 5

    def __init__(self):
        self.entries: dict[str, str] = {}

    def get_password(self, service: str, entry: str) -> str | None:
        assert service == SERVICE
        return self.entries.get(entry)

    def set_password(self, service: str, entry: str, password: str) -> None:
        self.entries[entry] = password


class NoKeyring(Keyring):
    """What the package answers on a machine without one."""

    priority = 0


class LockedKeyring(Keyring):
    def get_password(self, service: str, entry: str) -> str | None:
        raise KeyringLocked("the collection is locked")


class ForgetfulKeyring(Keyring):
    def set_password(self, service: str, entry: str, password: str) -> None:
        pass


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    """A user's configuration, and a place next to the database, that are this test's own."""
    monkeypatch.delenv("SEQUELA_KEY_FILE")
    monkeypatch.setattr(pseudonym_key, "user_config_path", lambda name, **_: tmp_path / "config" / name)
    monkeypatch.setattr(pseudonym_key, "NEXT_TO_DATABASE", tmp_path / "private" / "pseudonym.key")
    (tmp_path / "private").mkdir()
    return tmp_path / "config" / SERVICE


@pytest.fixture
def on_machine(monkeypatch):
    def use(machine: Keyring) -> Keyring:
        monkeypatch.setattr(keyring, "get_keyring", lambda: machine)
        return machine

    return use


@pytest.fixture(params=[Keyring, NoKeyring])
def machine(request, on_machine) -> Keyring:
    """A machine with a keyring, and one without."""
    return on_machine(request.param())


def from_earlier_version(key: bytes = b"\7" * 32) -> bytes:
    pseudonym_key.NEXT_TO_DATABASE.write_text(key.hex())
    return key


def test_a_key_is_made_once_and_not_next_to_the_database(machine):
    assert load_key() == load_key()
    assert not pseudonym_key.NEXT_TO_DATABASE.exists()


def test_the_key_is_in_the_keyring_and_in_no_file(on_machine, folder):
    entries = on_machine(Keyring()).entries
    key = load_key()
    assert entries == {CURRENT: name_of(key), name_of(key): key.hex()}
    assert not folder.exists()


@pytest.mark.parametrize("priority", [-1, 0, 0.5])
def test_without_a_secure_keyring_the_key_is_in_a_file_that_only_this_user_can_read(priority, on_machine, folder):
    machine = on_machine(Keyring())
    machine.priority = priority
    key = load_key()
    assert machine.entries == {}
    assert (folder / f"{name_of(key)}.key").read_text() == key.hex()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_the_key_next_to_the_database_is_moved(machine):
    key = from_earlier_version()
    assert load_key(name_of(key)) == load_key() == key
    assert not pseudonym_key.NEXT_TO_DATABASE.exists()


def test_the_key_next_to_the_database_stays_until_it_was_read_back_elsewhere(on_machine):
    on_machine(ForgetfulKeyring())
    key = from_earlier_version()
    with pytest.raises(PseudonymKeyError, match="did not keep"):
        load_key()
    assert pseudonym_key.NEXT_TO_DATABASE.read_text() == key.hex()


def test_a_damaged_key_next_to_the_database_is_refused_and_not_replaced(machine):
    pseudonym_key.NEXT_TO_DATABASE.write_text("abcd")
    with pytest.raises(PseudonymKeyError, match="damaged"):
        load_key()
    assert pseudonym_key.NEXT_TO_DATABASE.read_text() == "abcd"


def test_an_interrupted_move_is_completed(machine):
    key = from_earlier_version()
    load_key()
    from_earlier_version()
    assert load_key() == key
    assert not pseudonym_key.NEXT_TO_DATABASE.exists()


def test_two_clinics_on_one_machine_keep_their_own_keys(machine):
    first, second = from_earlier_version(b"\1" * 32), b"\2" * 32
    load_key()
    from_earlier_version(second)
    assert load_key(name_of(second)) == second
    assert load_key(name_of(first)) == first
    assert load_key() == first


def test_a_database_finds_its_key_when_another_is_current(machine, sqlite_engine, folder):
    imported(sqlite_engine, TEMPLATE)
    known = client_key(sqlite_engine, "clinic", "4711")
    another = b"\2" * 32
    store = machine if machine.priority else KeyFolder()
    store.set_password(SERVICE, name_of(another), another.hex())
    if machine.priority:
        machine.entries[CURRENT] = name_of(another)
    else:
        (folder / f"{CURRENT}.key").write_text(name_of(another))
    assert make_pseudonymizer()("clinic", "4711") != known
    assert client_key(sqlite_engine, "clinic", "4711") == known
    assert imported(sqlite_engine, TEMPLATE).rows_stored == 0


def test_a_key_in_a_file_is_found_when_the_machine_gets_a_keyring(on_machine):
    on_machine(NoKeyring())
    key = load_key()
    on_machine(Keyring())
    assert load_key() == load_key(name_of(key)) == key


def test_records_on_another_machine_get_no_new_key(on_machine, sqlite_engine, folder):
    on_machine(Keyring())
    imported(sqlite_engine, TEMPLATE)
    before = counts(sqlite_engine)
    entries = on_machine(Keyring()).entries
    for use in (lambda: imported(sqlite_engine, TEMPLATE), lambda: client_key(sqlite_engine, "clinic", "4711")):
        with pytest.raises(PseudonymKeyError, match="not on this machine.*stored as new clients.*python -m data key"):
            use()
    assert entries == {}
    assert not folder.exists()
    assert counts(sqlite_engine) == before


def test_a_copy_of_the_key_opens_the_records_on_another_machine(on_machine, sqlite_url, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    copy = tmp_path / "copy.key"
    on_machine(Keyring())
    assert main(["import", str(TEMPLATE[0])]) == 0
    assert main(["key", str(copy)]) == 0
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert main(["key", str(copy)]) == 1
    on_machine(Keyring())
    assert main(["import", str(TEMPLATE[0])]) == 1
    assert "not on this machine" in capsys.readouterr().err
    assert main(["key", "--add", str(copy)]) == 0
    assert main(["import", str(TEMPLATE[0])]) == 0
    assert load_key(key_name(open_database(sqlite_url))).hex() == copy.read_text()


def test_a_locked_keyring_does_not_count_as_a_missing_key(on_machine, folder):
    on_machine(LockedKeyring())
    with pytest.raises(PseudonymKeyError, match=r"keyring can't be used \(the collection is locked\). Unlock it"):
        load_key()
    assert not folder.exists()


def test_a_named_key_file_is_not_created_for_records_with_another_key(monkeypatch, tmp_path):
    monkeypatch.setenv("SEQUELA_KEY_FILE", str(tmp_path / "stick" / "clinic.key"))
    with pytest.raises(PseudonymKeyError, match="not on this machine"):
        load_key("a" * 16)
    assert not (tmp_path / "stick").exists()


def test_a_key_name_from_another_database_cannot_lead_out_of_the_folder(on_machine, folder, tmp_path):
    on_machine(NoKeyring())
    (tmp_path / "config" / "stolen.key").parent.mkdir()
    (tmp_path / "config" / "stolen.key").write_text("3" * 64)
    with pytest.raises(PseudonymKeyError, match="not on this machine"):
        load_key("../stolen")
