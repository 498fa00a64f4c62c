"""What the signed-in account is in this tenant, in words, and whether it may do something."""

from flexsso_helpers.graph import Principal
from flexsso_helpers.session.rights import Right
from flexsso_helpers.views import Cell

KINDS = {
    "guest": "a guest of this tenant",
    "delegate": "no account of this tenant: a partner’s delegate (GDAP), as far as can be told",
    "application": "an application, without a person",
    "not known": "who this is could not be read",
}


def standing(who: Principal) -> str:
    """What the account is in this tenant, and its roles."""
    held = [*who.roles, *(role.words for role in who.held if role.title not in who.roles)]
    if who.kind in ("member", "guest"):
        none = "no administrator role" if who.all_roles_seen else "no administrator role seen"
        return " · ".join([*([KINDS["guest"]] if who.kind == "guest" else []), *(held or [none])])
    return KINDS[who.kind]


def verdict_cell(right: Right, who: Principal) -> Cell:
    """Whether the account may do this, and why where not."""
    verdict = right.verdict(who)
    why = f"{', '.join(verdict.why)}; used by {right.notebooks}"
    if verdict.state == "no":
        return Cell("✗ no", "no", sub=f"needs {why}")
    return Cell("✓ yes", "ok") if verdict.state == "yes" else Cell("not known", "wait", sub=why)
