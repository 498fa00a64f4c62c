"""What sign-ons to Flex tell: one with the right values in Flex Console, each mistake on purpose, and a second one."""

from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.verdicts import at_flex
from flexsso_helpers.first_contact.verdicts.traffic import Judge, Said, Traffic, Untold

NOT_TRIED = "nobody agreed to be billed for it, or to do it"
LISTED = "config_list"


def _console(traffic: Traffic, trial: str) -> str:
    """Whether Console saved or refused, as a person said."""
    said = str(traffic.told(trial).get("console"))
    if said not in ("saved", "refused"):
        raise Untold(NOT_TRIED)
    return said


def _let_in(traffic: Traffic, trial: str) -> tuple[bool, type[str]]:
    """Whether Flex let somebody in, and whether that was seen there or only said."""
    told = traffic.told(trial)
    if told.get("trace"):
        return True, str
    said = str(told.get("said"))
    if said == "opened":
        return True, Said
    if said in ("None", "nobody"):
        raise Untold(NOT_TRIED)
    if said == "elsewhere":
        raise Untold("the sign-on did not come to Flex")
    return False, Said


def _right_works(traffic: Traffic) -> None:
    """Raises Untold where Flex does not let anybody in with the right values: then a mistake tells nothing."""
    if not _let_in(traffic, trials.FIRST_AT_FLEX)[0]:
        raise Untold("Flex did not take the right values either")


def _with(trial: str, taken: str, refused: str, *, at_once: str = "") -> Judge:
    """By whether Flex lets somebody in. `at_once` is the alternative where Console does not even save it."""

    def judge(traffic: Traffic) -> str:
        _right_works(traffic)
        if at_once and _console(traffic, trial) == "refused":
            return Said(at_once)
        came_in, how = _let_in(traffic, trial)
        return how(taken if came_in else refused)

    return judge


def _by_console(trial: str, saved: str, refused: str) -> Judge:
    def judge(traffic: Traffic) -> str:
        if traffic.told(trials.RIGHT_PASTE).get("console") != "saved":
            raise Untold(NOT_TRIED)
        return Said(saved if _console(traffic, trial) == "saved" else refused)

    return judge


def saml_error_code(traffic: Traffic) -> str:
    """The number that Flex shows for a response that it cannot check (F102)."""
    _right_works(traffic)
    said = str(traffic.told(trials.WRONG_CERTIFICATE).get("said"))
    if said not in ("70252", "45050", "45002"):
        raise Untold(NOT_TRIED if said in ("None", "nobody") else "Flex showed no such number")
    return Said(said)


def _entry(traffic: Traffic, trial: str) -> dict[str, object] | None:
    """The account's connection as it was listed; None where it was not."""
    answer = traffic.answer(trial)
    listed = answer.said(LISTED) if answer.good else []
    return next((each for each in listed or () if isinstance(each, dict)), None)


def listed_before_save(traffic: Traffic) -> str:
    """Whether a set-up that was begun, and not saved, is listed (F10)."""
    if _entry(traffic, trials.CONFIG) is None:
        if traffic.told(trials.BEFORE_SAVE).get("console") != "started" or _entry(traffic, trials.AFTER_SAVE) is None:
            raise Untold("no set-up was seen both before and after Console saved it")
        return "no"
    _unsaved(traffic)
    return "yes"


def _unsaved(traffic: Traffic) -> None:
    """Raises Untold where a login starts: then somebody saved it before."""
    started = traffic.trial(trials.CHAIN)
    if not started or started[-1].to:
        raise Untold("Console had saved it before")


def active_before_save(traffic: Traffic) -> str:
    """Whether a set-up that is not saved counts as active (F09)."""
    entry = _entry(traffic, trials.CONFIG)
    if entry is None or not isinstance(entry.get("active"), bool):
        raise Untold("a set-up that is not saved is not listed, so that nothing tells")
    _unsaved(traffic)
    return "true" if entry["active"] else "false"


def worker_touch(traffic: Traffic) -> str:
    """Whether a sign-on that changes nothing moves the worker (F83)."""
    return _second(traffic, "worker", {"moved": "moves", "same": "stays"}, "flex_user")


def flex_user_version(traffic: Traffic) -> str:
    """Whether it moves the version of the Flex user (F112)."""
    return _second(traffic, "flex_user", {"moved": "moves", "same": "stays", "absent": "absent"}, "worker")


def _second(traffic: Traffic, what: str, answers: dict[str, str], other: str) -> str:
    told = traffic.told(trials.SECOND_AT_FLEX)
    came_in, how = _let_in(traffic, trials.SECOND_AT_FLEX)
    if not came_in or told.get(what) not in answers:
        raise Untold("there was no second sign-on that Flex took")
    seen = "moved" in (told[what], told.get(other)) or told[what] == "absent"
    return (str if seen else how)(answers[str(told[what])])


JUDGES: dict[str, Judge] = {
    "listed_before_save": listed_before_save,
    "active_before_save": active_before_save,
    "certificate_box": _by_console(trials.ONE_LINE, "lenient", "strict"),
    "bad_settings_at": _by_console(trials.NO_ADDRESS, "login", "save"),
    "check_issuer": _with(trials.NO_SLASH, "false", "true"),
    "multi_cert": _with(trials.TWO_CERTIFICATES, "all", "first", at_once="refuse"),
    "saml_error_code": saml_error_code,
    "idp_initiated": _with(trials.TILE, "allowed", "refused"),
    "require_signatures": _with(trials.ASSERTION_ONLY, "any", "both"),
    "friendly_name": at_flex.friendly_name,
    "roles_shape": at_flex.roles_shape,
    "worker_touch": worker_touch,
    "flex_user_version": flex_user_version,
}
