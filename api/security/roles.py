"""Who may do what: roles and their permissions. What no role grants is denied."""

from typing import Literal, get_args

Role = Literal["investigator", "clerk", "system", "auditor", "operator"]
"""稽核 · 经办 · another system · 审计管理员 · 系统管理员 (runs the service and sees no person)."""

Permission = Literal[
    "person:read", "number:read", "finding:read", "judgement:read", "judgement:write", "audit:read", "metrics:read"
]  # fmt: skip

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    "investigator": frozenset(
        {"person:read", "number:read", "finding:read", "judgement:read", "judgement:write"}
    ),
    "clerk": frozenset({"person:read", "finding:read", "judgement:read"}),
    "system": frozenset({"person:read", "finding:read"}),
    "auditor": frozenset({"audit:read"}),
    "operator": frozenset({"metrics:read"}),
}

ROLES: tuple[Role, ...] = get_args(Role)


def may(role: Role, permission: Permission) -> bool:
    """Whether a role grants a permission."""
    return permission in PERMISSIONS[role]
