"""Which permission each route needs, in one table. A route that is not in it does not start: deny by default."""

from collections.abc import Iterable, Mapping

from api.security.roles import Permission
from resolver.errors import SettingsError

POLICY: Mapping[str, Permission | None] = {
    "get_live": None,
    "get_ready": None,
    "get_version": None,
    "get_metrics": "metrics:read",
    "search_persons": "person:read",
    "get_person": "person:read",
    "get_records": "person:read",
    "get_timeline": "person:read",
    "get_history": "person:read",
    "get_neighbourhood": "person:read",
    "get_neighbours": "person:read",
    "get_sharing": "person:read",
    "get_attendances": "person:read",
    "find_path": "person:read",
    "match_person": "person:read",
    "explain_pair": "person:read",
    "explain_person": "person:read",
    "get_person_findings": "finding:read",
    "search_conflicts": "finding:read",
    "list_duplicates": "finding:read",
    "list_liability": "finding:read",
    "list_judgements": "judgement:read",
    "add_judgement": "judgement:write",
    "undo_judgement": "judgement:write",
}
"""Name of a route -> what the caller's role must grant; None = nothing about any person, no key needed."""


def require_policies(routes: Iterable[str]) -> None:
    """Refuse to start with a route that nobody decided about.

    Raises:
        SettingsError: A route has no policy; all are named.
    """
    if missing := sorted(set(routes) - POLICY.keys()):
        raise SettingsError(
            f"no policy says who may use {', '.join(missing)}", remedy="Add it to api/security/policy.py."
        )
