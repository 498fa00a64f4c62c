"""29 · Undo.

As it was means: of every object that stood before, each property that these notebooks write has its former value, and
each of its lists the former elements; the order of a list, and what is empty, null or false, tell nothing. A policy's
definition is compared by its content, an assignment by who has which role, a certificate by its thumbprint and by
whether it is the active one. What did not stand before is gone. Left out are ids of assignments made again, workers
and Flex users, what people pasted into Flex Console, the list of deleted objects, and the tenant's file.
What others changed in the meantime is not given back: it stays as they left it.
"""

from flexsso_helpers.sections.undo.step import STEP, apply, plan, verify

__all__ = ["STEP", "apply", "plan", "verify"]
