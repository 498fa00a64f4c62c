"""How two plans differ, in words: what moved since an approval, and what was overtaken after a write."""

from flexsso_helpers.plan import Change, Pending, Plan, few, in_words


def overtaken(chosen: tuple[Change, ...], now: tuple[Change, ...]) -> str:
    """Why a written value will not be read back: it is neither old nor new, or what it stands on is gone."""
    fresh = {change.key: change for change in now}
    for before in chosen:
        after = fresh.get(before.key)
        if after is None or not after.open or after.now == before.now:
            continue
        if isinstance(after.now, Pending):
            return f"What {before.setting} stands on is no longer there: {after.now}."
        return f"{before.setting} is now {in_words(after.now)}: somebody else wrote it after this run did."
    return ""


def moved(approved: Plan, fresh: Plan) -> list[str]:
    before = {change.key: change for change in approved.changes}
    now = {change.key: change for change in fresh.changes}
    called = {key: change.setting for key, change in (before | now).items()}
    lines = [
        _movement(called[key], before.get(key), now.get(key))
        for key in sorted(called, key=lambda key: called[key])
        if before.get(key) != now.get(key)
    ]
    return few(lines) or ["something that was read for this plan, though none of its settings"]


def _movement(setting: str, before: Change | None, now: Change | None) -> str:
    if before and now and before.now == now.now:
        return f"{setting}: should have been {in_words(before.should_be)}, should be {in_words(now.should_be)}"
    was, is_ = (in_words(change.now) if change else "not there" for change in (before, now))
    return f"{setting}: was {was}, is {is_}"
