"""Plain YAML scalars that readers disagree about: papermill reads YAML 1.1, editors YAML 1.2."""

import re
from functools import lru_cache
from typing import Any

import yaml

Plain = str | int | float | bool | None

_CORE_INT = re.compile(r"[-+]?[0-9]+")
_CORE_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_CORE_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_CORE_WORDS: dict[str, Plain] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_SWITCHES = re.compile(r"(?i:yes|on)|(?i:no|off)")


class Ambiguous(Exception):
    """A plain scalar that YAML 1.1 and YAML 1.2 read differently."""


def read(text: str) -> Plain:
    """The one value that both versions of YAML read; raises Ambiguous where there is none."""
    try:
        old, new = _yaml_1_1(text), _yaml_1_2(text)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise Ambiguous from error
    if type(old) is not type(new) or old != new:
        raise Ambiguous
    return new


def disagreement(text: str, plain: Any) -> tuple[tuple[str | int, ...], int] | None:
    """Where YAML 1.1 reads a whole text otherwise than `plain` says: the path, or the line where it cannot read on."""
    try:
        old = _all_by_1_1(text)
    except (yaml.YAMLError, ValueError, TypeError) as error:
        mark = getattr(error, "problem_mark", None)
        return (), (mark.line + 1 if mark else 0)
    path = _parting(old, plain, ())
    return None if path is None else (path, 0)


@lru_cache(maxsize=1024)
def _all_by_1_1(text: str) -> Any:
    return yaml.load(text, Loader=yaml.SafeLoader)


def _parting(one: Any, other: Any, path: tuple[str | int, ...]) -> tuple[str | int, ...] | None:
    """The path of the first value in which two plain trees differ."""
    if type(one) is type(other) and isinstance(one, dict) and one.keys() == other.keys():
        return next((away for key in one if (away := _parting(one[key], other[key], (*path, key))) is not None), None)
    if type(one) is type(other) and isinstance(one, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return next((away for index, pair in pairs if (away := _parting(*pair, (*path, index))) is not None), None)
    return None if type(one) is type(other) and one == other else path


def as_switch(text: str) -> bool | None:
    """What yes, no, on and off mean where true or false is wanted; None for any other text."""
    if not _SWITCHES.fullmatch(text):
        return None
    return text.lower() in ("yes", "on")


def _yaml_1_1(text: str) -> Any:
    loader = yaml.SafeLoader("")
    tag = loader.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return loader.construct_object(yaml.ScalarNode(tag, text))


def _yaml_1_2(text: str) -> Plain:
    if text in _CORE_WORDS:
        return _CORE_WORDS[text]
    if _CORE_INT.fullmatch(text):
        return int(text)
    if _CORE_BASED.fullmatch(text):
        return int(text, 0)
    return float(text.replace(".inf", "inf").replace(".nan", "nan")) if _CORE_FLOAT.fullmatch(text) else text
