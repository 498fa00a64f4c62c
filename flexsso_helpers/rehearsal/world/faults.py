"""Faults by script: what a network, a busy service or a lagging replica does to some requests, and to which.

A script is a list of rules, in YAML or JSON::

    - match: {method: POST, host: graph.microsoft.com, path: /v1.0/applicationTemplates/*/instantiate, nth: 1}
      fault: unavailable_after
      status: 504
    - match: {path: /v1.0/servicePrincipals/*}
      fault: throttle
      retry_after: 7
      probability: 0.2

Of the rules that match a request the first that fires is used. A rule fires from the `nth` matching request on, `times`
times (once, if nothing is said; without end where a `probability` is given). Chance comes from the world's seed alone.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

FAULTS: dict[str, frozenset[str]] = {
    "throttle": frozenset({"retry_after"}),
    "unavailable_before": frozenset({"status"}),
    "unavailable_after": frozenset({"status"}),
    "drop_before": frozenset(),
    "drop_after": frozenset(),
    "conflict": frozenset(),
    "stale": frozenset({"seconds"}),
    "claims_challenge": frozenset(),
    "slow": frozenset({"seconds"}),
    "truncated": frozenset(),
}
"""What there is, and which settings of its own each takes."""
IN_BATCH = frozenset({"throttle", "unavailable_before", "unavailable_after", "conflict"})
"""Those that can befall one request of a batch."""
MATCH = frozenset({"method", "host", "path", "nth"})
COMMON = frozenset({"match", "fault", "times", "probability"})
ABSENT = "absent"
RETRY_AFTER = 5


@dataclass
class Rule:
    """One rule of a script, and how often it matched and fired."""

    fault: str
    method: str = "*"
    host: str = "*"
    path: str = "*"
    nth: int = 1
    times: int | None = 1
    probability: float = 1.0
    retry_after: int | None = RETRY_AFTER
    status: int = 503
    seconds: float = 0.0
    matched: int = field(default=0, compare=False)
    fired: int = field(default=0, compare=False)
    since: float | None = field(default=None, compare=False)
    """When this rule first challenged a token; newer tokens pass."""

    def matches(self, method: str, host: str, path: str) -> bool:
        """Whether the rule is about such a request."""
        pairs = ((method, self.method.upper()), (host, self.host), (path, self.path))
        return all(fnmatchcase(value, pattern) for value, pattern in pairs)


class Faults:
    """The rules of a script at work."""

    def __init__(self, script: Sequence[Mapping[str, Any]] = (), *, seed: int = 1) -> None:
        """Take a script. Raises ValueError, which names the rule and the key, for one that is not understood."""
        self.rules = [_rule(number, entry) for number, entry in enumerate(script, 1)]
        self.script = [dict(entry) for entry in script]
        self._chances = [random.Random(f"{seed}/fault/{n}") for n in range(len(self.rules))]  # noqa: S311

    def next(
        self,
        method: str,
        host: str,
        path: str,
        *,
        now: float,
        not_before: float | None = None,
        among: frozenset[str] = frozenset(FAULTS),
    ) -> Rule | None:
        """The fault that befalls this request. `not_before` is what its token says, where it answers a challenge."""
        chosen: Rule | None = None
        for rule, chance in zip(self.rules, self._chances, strict=True):
            if rule.fault not in among or not rule.matches(method, host, path):
                continue
            rule.matched += 1
            if chosen or rule.matched < rule.nth or rule.fired == rule.times or chance.random() >= rule.probability:
                continue
            if rule.fault == "claims_challenge":
                if rule.since is not None and not_before is not None and not_before >= int(rule.since):
                    continue
                rule.since = now if rule.since is None else rule.since
            rule.fired += 1
            chosen = rule
        return chosen


def load(path: Path) -> list[dict[str, Any]]:
    """The script in a file. Raises ValueError where it is none, OSError where it cannot be read."""
    try:
        script = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{path.name} is no YAML or JSON: {error}") from error
    if isinstance(script, list):
        Faults(script)
        return script
    raise ValueError(f"{path.name} must be a list of rules.")


def _rule(number: int, entry: Any) -> Rule:
    """One rule, checked key by key."""
    shaped = isinstance(entry, Mapping) and isinstance(entry.get("match", {}), Mapping)
    if not shaped:
        raise ValueError(f"Rule {number} must have the keys match and fault.")
    name, match = entry.get("fault"), dict(entry.get("match", {}))
    if name not in FAULTS:
        raise ValueError(f"Rule {number}: fault is one of {', '.join(FAULTS)}, not {name!r}.")
    unknown = (set(entry) - COMMON - FAULTS[name]) | (set(match) - MATCH)
    if unknown:
        raise ValueError(f"Rule {number}: {', '.join(sorted(map(str, unknown)))} is no setting of {name}.")
    own = {key: entry[key] for key in entry if key in FAULTS[name]}
    if own.get("retry_after") == ABSENT:
        own["retry_after"] = None
    settings = {"times": None if "probability" in entry else 1, **match, **own}
    settings |= {key: entry[key] for key in ("times", "probability") if key in entry}
    _check(number, settings)
    return Rule(fault=name, **settings)


def _check(number: int, settings: Mapping[str, Any]) -> None:
    good: dict[str, Callable[[Any], bool]] = {
        "method": lambda value: isinstance(value, str),
        "host": lambda value: isinstance(value, str),
        "path": lambda value: isinstance(value, str),
        "nth": lambda value: _whole(value) and value >= 1,
        "times": lambda value: value is None or (_whole(value) and value >= 1),
        "probability": lambda value: isinstance(value, int | float) and 0 <= value <= 1,
        "retry_after": lambda value: value is None or (_whole(value) and value >= 0),
        "status": lambda value: value in (503, 504),
        "seconds": lambda value: isinstance(value, int | float) and not isinstance(value, bool) and value >= 0,
    }
    for key, value in settings.items():
        if not good[key](value):
            raise ValueError(f"Rule {number}: {key} cannot be {value!r}.")


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
