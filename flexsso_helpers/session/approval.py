"""The approval of a plan: a box that a person ticks, or the command's word in a run without a screen."""

from typing import Any

from flexsso_helpers.plan import Approval, Kind, Plan, count
from flexsso_helpers.views import ApprovalBox
from flexsso_helpers.views.table import Badge

_VERBS: dict[Kind, str] = {"+": "Add", "~": "Change", "-": "Remove", "=": "Keep"}


class ApprovalCell:
    """The box for one plan. It is read by the cell that makes the changes; ticking it does nothing by itself."""

    def __init__(self, plan: Plan, *, human: bool, may_apply: bool, may_remove: bool, badge: Badge) -> None:
        """Ticked beforehand when the run was started with the approval (`apply`).

        Removals are so only with an approval of theirs, and what leaves the tenant only where the file agrees (D17).
        `human` is whether a person is there to say what they have done.
        """
        self.plan = plan
        """What it is for."""
        self._may_apply = may_apply
        self._asks_a_human = bool(plan.asks) and human
        """The box says that somebody has done something: no start of a run can know that."""
        named = [change for change in plan.open if change.by_name]
        plain = len(plan.open) - len(named)
        given = may_apply and bool(plan.open) and not self._asks_a_human
        agreed = frozenset(change.key for change in named if change.agreed or (change.kind == "-" and may_remove))
        if not plan.open:
            label, detail = "There is nothing to approve", "Everything is as it should be."
        else:
            these = (
                f"{'this' if plain == 1 else 'these'} {count(plain, 'change')}"
                if plain
                else "what is approved by name below"
            )
            label = plan.asks or f"Make {these} in {plan.target.title}"
            how = "Ticked by the start of this run: run the next cell." if given else "Tick, then run the next cell."
            if given and len(agreed) < len(named):
                how = "What is named below and not ticked yet needs a tick of its own; then run the next cell."
            detail = f"{how} How each setting stood is noted before it is written."
        self._box = ApprovalBox(
            label,
            detail,
            [(change.key, f"{_VERBS[change.kind]} {change.setting}: {change.reason}") for change in named],
            given=given,
            names_given=agreed,
            asks=bool(plan.open),
            by_name_alone=not plain,
            badge=badge,
        )

    def read(self) -> Approval:
        """What is approved now."""
        return Approval(
            digest=self.plan.digest,
            given=self._box.given,
            names=self._box.names,
            by_hand=self._box.given and (self._asks_a_human or not self._may_apply),
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        return self._box._repr_mimebundle_(**kwargs)
