"""API keys: made once, shown once, kept only as a hash.

A key is `gy_<key id>_<secret>`; the secret has 256 random bits, so one round of SHA-256 is as good as a slow
password hash, and does not cost every request fifty milliseconds. Keys are events in the ledger's chained stream
`keys`: nothing about who could see what is ever overwritten.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from api.security.roles import ROLES, Role
from graph.store import Scope
from resolver.errors import GuiyiError, SettingsError
from resolver.ledger.ledger import Ledger

_STREAM = "keys"
_FORM = re.compile(r"gy_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True)
class ApiKey:
    """What a key allows.

    Attributes:
        key_id: Its public half: stands in the audit trail.
        name: Who uses it.
        role: What its holder may do.
        regions: County codes whose persons it may see; None = all.
        departments: Departments whose records it may see; None = all.
    """

    key_id: str
    name: str
    role: Role
    regions: frozenset[str] | None = None
    departments: frozenset[str] | None = None

    @property
    def scope(self) -> Scope:
        """The part of the graph it may see."""
        return Scope(self.regions, self.departments)


class UnknownKeyError(GuiyiError):
    """The key is not one of this workspace, or was revoked."""


def create_key(
    ledger: Ledger,
    name: str,
    role: Role,
    at: datetime,
    *,
    regions: Collection[str] | None = None,
    departments: Collection[str] | None = None,
) -> str:
    """Make a key and return it: the only time it can be seen.

    Raises:
        SettingsError: The role is not one there is, or the key has no name.
    """
    if role not in ROLES:
        raise SettingsError(f"there is no role {role!r}", remedy=f"Choose one of: {', '.join(ROLES)}.")
    if not name.strip():
        raise SettingsError("a key needs the name of who uses it", remedy="Give one with --name.")
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    body = {
        "event": "created",
        "key_id": key_id,
        "hash": _hash(secret),
        "name": name.strip(),
        "role": role,
        "regions": None if regions is None else sorted(regions),
        "departments": None if departments is None else sorted(departments),
    }
    ledger.append_chained(_STREAM, [body], at)
    return f"gy_{key_id}_{secret}"


def revoke_key(ledger: Ledger, key_id: str, reason: str, at: datetime) -> None:
    """End a key; running services refuse it within two seconds (`api.watch`).

    Raises:
        UnknownKeyError: There is no such key.
    """
    if not any(key.key_id == key_id for key in KeyRing(ledger).current()):
        raise UnknownKeyError(f"there is no key {key_id}", remedy="`guiyi keys list` shows those there are.")
    ledger.append_chained(_STREAM, [{"event": "revoked", "key_id": key_id, "reason": reason}], at)


class KeyRing:
    """The keys of a workspace in memory, as the last `refresh` found them. Safe to use from several threads."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._keys: dict[str, tuple[ApiKey, str]] = {}
        self._seen = 0
        self._lock = Lock()

    def refresh(self) -> None:
        """Read what the ledger has that is new."""
        with self._lock:
            while events := self._ledger.read_chained(_STREAM, after=self._seen):
                for event in events:
                    self._apply(event.body)
                self._seen = events[-1].seq

    def current(self) -> list[ApiKey]:
        """All keys that are not revoked, by name."""
        self.refresh()
        return sorted((key for key, _ in self._keys.values()), key=lambda key: (key.name, key.key_id))

    def verify(self, presented: str) -> ApiKey:
        """The key that was presented, as of the last `refresh`.

        Raises:
            UnknownKeyError: It is malformed, unknown, wrong or revoked; which of them is not told.
        """
        form = _FORM.fullmatch(presented)
        key, expected = self._keys.get(form[1], (None, "")) if form else (None, "")
        if form is None or key is None or not hmac.compare_digest(_hash(form[2]), expected):
            raise UnknownKeyError(
                "the API key is not valid", remedy="Ask the operator for one (`guiyi keys create`)."
            )
        return key

    def _apply(self, body: dict[str, object]) -> None:
        key_id = str(body["key_id"])
        if body["event"] == "revoked":
            self._keys.pop(key_id, None)
            return
        key = ApiKey(
            key_id=key_id,
            name=str(body["name"]),
            role=next(role for role in ROLES if role == body["role"]),
            regions=_set(body["regions"]),
            departments=_set(body["departments"]),
        )
        self._keys[key_id] = (key, str(body["hash"]))


def _set(values: object) -> frozenset[str] | None:
    return frozenset(str(v) for v in values) if isinstance(values, list) else None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("ascii")).hexdigest()
