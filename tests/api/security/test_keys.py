import hashlib
import time

import pytest

from api.security.keys import KeyRing, UnknownKeyError, create_key, revoke_key
from api.watch import MAX_AGE
from resolver.errors import SettingsError
from resolver.ledger.ledger import Ledger
from resolver.workspace import Workspace


@pytest.fixture
def ledger(tmp_path):
    workspace = Workspace.create(tmp_path / "w")
    with Ledger.open(workspace.ledger_url) as opened:
        yield opened


def ring_of(ledger):
    ring = KeyRing(ledger)
    ring.refresh()
    return ring


def test_a_key_is_verified_with_its_role_and_scope(ledger, now):
    key = create_key(ledger, " 张 ", "clerk", now, regions=["371002", "371003"], departments=["MSB"])
    found = ring_of(ledger).verify(key)
    assert (found.name, found.role) == ("张", "clerk")
    assert found.scope.regions == {"371002", "371003"}
    assert found.scope.departments == {"MSB"}


def test_only_the_hash_is_kept(ledger, now, tmp_path):
    key = create_key(ledger, "x", "clerk", now)
    secret = key.split("_", 2)[2]
    (event,) = ledger.read_chained("keys")
    assert event.body["hash"] == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in str(event.body)
    for file in (tmp_path / "w").rglob("*"):
        if file.is_file():
            assert secret.encode() not in file.read_bytes()


CHANGES = {
    "shorter": lambda key: key[:-1],
    "longer": lambda key: key + "A",
    "another secret": lambda key: key[:-1] + ("A" if key[-1] != "A" else "B"),
    "capitals": str.upper,
    "empty": lambda key: key[:0],
    "no parts": lambda key: key[:3] + "_",
    "line feed": lambda key: key + "\n",
    "another key's id": lambda key: "gy_" + "0" * 12 + key[15:],
    "another form": lambda key: key.replace("gy_", "gy-"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_not_exactly_the_key_is_refused_without_saying_why(ledger, now, change):
    key = create_key(ledger, "x", "clerk", now)
    with pytest.raises(UnknownKeyError) as refused:
        ring_of(ledger).verify(change(key))
    assert refused.value.message == "the API key is not valid"


def test_a_revoked_key_is_refused_and_others_are_not(ledger, now):
    gone, stays = (create_key(ledger, name, "clerk", now) for name in ("gone", "stays"))
    ring = ring_of(ledger)
    ring.verify(gone)
    revoke_key(ledger, gone.split("_")[1], "left", now)
    ring.refresh()
    with pytest.raises(UnknownKeyError):
        ring.verify(gone)
    ring.verify(stays)
    assert [key.name for key in ring.current()] == ["stays"]
    with pytest.raises(UnknownKeyError):
        revoke_key(ledger, gone.split("_")[1], "again", now)


def test_a_key_needs_a_role_and_a_name(ledger, now):
    with pytest.raises(SettingsError):
        create_key(ledger, "x", "root", now)  # type: ignore[arg-type]
    with pytest.raises(SettingsError):
        create_key(ledger, "  ", "clerk", now)


def test_the_service_refuses_a_revoked_key_within_two_seconds(service, rich_id, now):
    service.new_key("leaving")
    assert service.ask("GET", f"/v1/persons/{rich_id}", "leaving").status_code == 200
    revoke_key(service.ledger, service.keys["leaving"].split("_")[1], "left", now)
    until = time.monotonic() + MAX_AGE
    while service.ask("GET", f"/v1/persons/{rich_id}", "leaving").status_code != 401:
        assert time.monotonic() < until
        time.sleep(0.05)
