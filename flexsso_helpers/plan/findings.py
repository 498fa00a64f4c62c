"""Short ways to make a finding."""

from flexsso_helpers.plan import Finding, Level, State

MOST = 10
"""How many names one finding shows."""


def judged(
    check: str,
    title: str,
    configured: str,
    received: str,
    verdict: bool | State,
    fix: str = "",
    level: Level = "error",
) -> Finding:
    """A finding; the verdict is whether it holds, or one of the other states when that cannot be said."""
    state: State = verdict if isinstance(verdict, str) else "holds" if verdict else "wrong"
    return Finding(
        check=check, title=title, level=level, state=state, configured=configured, received=received, fix=fix
    )


def said(
    check: str, title: str, configured: str, received: str, words: str, *, backed: bool = False, fix: str = ""
) -> Finding:
    """What a person said and no program saw; `words` are `by … on …`. `backed` when something seen speaks for it."""
    return Finding(
        check=check,
        title=title,
        level="error",
        state="said",
        configured=configured,
        received=received,
        fix=fix,
        said=words,
        backed=backed,
    )


def listed(
    check: str,
    title: str,
    names: tuple[str, ...] | list[str],
    fix: str,
    level: Level = "warning",
    *,
    want: str = "none",
    good: str = "",
) -> Finding:
    """A finding about what should not be there: it names them, the first of very many, and holds for none.

    `good` is what it is called where it holds, so that nobody has to read "no" twice.
    """
    if good and not names:
        return judged(check, good, "yes", "yes", True, fix, level)
    shown = names if len(names) <= MOST + 1 else (*names[:MOST], f"and {len(names) - MOST:,} more")
    return judged(check, title, want, ", ".join(shown) or want, not names, fix, level)
