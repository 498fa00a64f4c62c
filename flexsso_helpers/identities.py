"""When two names are those of one person, group or worker: compared in one way, here.

Entra finds user names, mail addresses and groups in any letter case, and a workspace takes no second worker whose name
differs in nothing else (F111). Whether Flex takes a NameID in other letter case for another person is not known (F87):
so what reads finds the person in both, and what is written keeps the letters as Entra has them.
"""


def identity(name: str) -> str:
    """What to compare of a name, and to look it up by: equal for names that differ in letter case alone."""
    return name.casefold()


def same(one: str, other: str) -> bool:
    """Whether two names are those of one; nothing is the same as nobody."""
    return bool(one) and identity(one) == identity(other)
