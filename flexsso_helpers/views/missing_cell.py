"""Which cell has to run first: for a name that a notebook's earlier cell makes, and that this kernel does not know."""

from flexsso_helpers.notebooks import open_notebook

_MAKERS = {
    "tenant": "Parameters",
    "apply": "Parameters",
    "flexsso": "Open the tenant",
    "session": "Open the tenant",
    "form": "Values",
    "plan": "Look",
    "approval": "Change",
    "capture": "Instead of copying: capture",
    "capture_plan": "Instead of copying: capture",
    "capture_approval": "Instead of copying: capture",
    "phase": "Parameters",
    "people": "Parameters",
    "names": "Parameters",
    "step": "Look",
    "fleet": "Look",
    "overview": "Look",
    "made": "Change",
    "to_paste": "Change",
    "pasted": "Change",
    "tests": "Change",
    "test_tenant": "Parameters",
    "sign_ons": "Parameters",
    "billed_user": "Parameters",
}
_SECTIONS = (
    "preflight",
    "adoption",
    "enterprise_application",
    "basic_saml",
    "signing",
    "claims",
    "app_roles",
    "flex_console",
    "assignments",
    "sign_on",
    "drift",
    "rotation",
    "user_changes",
    "undo",
    "first_contact",
)
_WITHOUT_BOXES = "90"
"""The notebook that writes what its parameters allow, and has no box to tick."""
TITLE = "An earlier cell has to run first"


def parts_for(name: str) -> dict[str, str]:
    """What, why and the fix, by name as on an error's card; nothing for a name that no cell of ours makes."""
    heading = "Open the tenant" if name in _SECTIONS else _MAKERS.get(name)
    if heading is None:
        return {}
    boxes = open_notebook() != _WITHOUT_BOXES
    all_of_it = ", or choose Run all: it writes nothing that is not ticked" if boxes else ""
    return {
        "What": f"This cell needs {name}, which the cell under “{heading}” makes.",
        "Why": "That cell has not run in this kernel, or the kernel was started again since. Forms and boxes shown "
        "before are not connected any more.",
        "To do": f"Run the cells from the top down to “{heading}”{all_of_it}. Then run this cell.",
    }
