"""How the commands end: the number that a shell or a pipeline sees, and what it says. Of several, the worst counts."""

from flexsso_helpers.plan import CHANGED, FAILED, PROVED, WAITING

MISUSE = 64
"""As sysexits.h has it, so that a wrong option is never mistaken for a tenant's failure."""
STOPPED = 130
"""As shells have it after Ctrl-C."""

EXIT_CODES: dict[int, str] = {
    PROVED: "proved, and nothing was changed",
    CHANGED: "proved and changed, or changes are planned",
    WAITING: "nothing failed; a person's step is waiting",
    FAILED: "something failed",
    MISUSE: "the command was used wrongly",
    STOPPED: "stopped by Ctrl-C; what was begun is finished or found again by the next run",
}
