"""Between the tenant's file, a section's form and its plan: what was edited in one of them is never overtaken unseen.

The file is read anew for each plan. What was edited in the form goes into the file first; where both were edited, a
person decides. What was edited after the plan makes the plan stale.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flexsso_helpers.errors import ParametersError, StalePlan
from flexsso_helpers.parameters import Tenant
from flexsso_helpers.plan import Plan, few
from flexsso_helpers.session import Session
from flexsso_helpers.views import Field

ToFile = Callable[[dict[str, Any]], dict[str, Any]]
SHOWN = "As the tenant's file had it when this was shown. What is edited later is named by the next plan."
LOOK_AGAIN = "Run the Look cell again, read the new plan, and approve that."


def placed(edits: Mapping[str, Any]) -> dict[tuple[str | int, ...], Any]:
    """Edited values by their place below `tenant:`."""
    return {tuple(key.split(".")): value for key, value in edits.items()}


def take(
    session: Session, section: str, fields: Callable[[Tenant], Sequence[Field]], to_file: ToFile
) -> tuple[str, ...]:
    """Read the file anew, then write into it what was edited in the form; what was taken over, in sentences.

    Raises ParametersError for a file that is wrong, and where the form and the file were both edited.
    """
    session.reread()
    form = session.forms.get(section)
    if form is None:
        return ()
    moved, torn = form.renew(fields(session.tenant))
    if torn:
        raise ParametersError(
            f"Edited in the form and in the tenant's file, differently: {', '.join(torn)}.",
            why="Both were changed since the form was shown. Nothing was saved, so neither is lost.",
            fix="Run the Values cell again to take what the file says, or put the file back as it was.",
            notebook=section,
        )
    told = [f"Read anew from the tenant's file: {', '.join(moved)}."] if moved else []
    edits = to_file(form.edited())
    if edits:
        labels = form.labels(edits)
        session.record(placed(edits))
        form.settle()
        form.renew(fields(session.tenant))
        told.append(f"Saved from the form into the tenant's file: {', '.join(labels)}.")
    return tuple(told)


def refuse_edited_since(session: Session, section: str, to_file: ToFile) -> None:
    """Raise StalePlan where the form was edited after the plan: what it says now is in no plan."""
    form = session.forms.get(section)
    edits = to_file(form.edited()) if form else {}
    if form is None or not edits:
        return
    raise StalePlan(
        f"Edited in the form since this plan: {', '.join(form.labels(edits))}.",
        why="The plan was made from the values before, and nothing was written.",
        fix=LOOK_AGAIN,
        notebook=section,
    )


def changed_since(session: Session, plan: Plan) -> list[str]:
    """The keys of the tenant's file that say something else than when this plan was made."""
    before = session.made_from.get(plan.digest)
    return differing(before, session.tenant) if before else []


def told(changed: Sequence[str]) -> list[str]:
    """The same as the first line of a message; none where nothing changed."""
    return [f"the tenant's file, at {', '.join(few(changed))}"] if changed else []


def differing(before: Tenant, now: Tenant) -> list[str]:
    """Dotted keys at which two readings of a tenant's file differ; a list is one value."""
    return _differing("", before.model_dump(mode="json"), now.model_dump(mode="json"))


def _differing(place: str, before: Any, now: Any) -> list[str]:
    if before == now:
        return []
    if not (isinstance(before, Mapping) and isinstance(now, Mapping)):
        return [place]
    inner = [(f"{place}.{key}" if place else str(key), key) for key in dict.fromkeys((*before, *now))]
    return [line for path, key in inner for line in _differing(path, before.get(key), now.get(key))]
