"""What the pages of reference say, taken from what the code itself declares: a maker for each page."""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import flexsso_helpers.rehearsal.server.server  # noqa: F401 - so that every rule and quirk is declared
from flexsso_helpers import errors, sections
from flexsso_helpers.commands.exit_codes import EXIT_CODES
from flexsso_helpers.commands.judge.verdict import EXIT_CODES as OF_JUDGE
from flexsso_helpers.coverage.instructions import INSTRUCTIONS, MODES
from flexsso_helpers.entra_numbers import MEANINGS
from flexsso_helpers.first_contact.besides import EYES
from flexsso_helpers.first_contact.touched import TOUCHED
from flexsso_helpers.first_contact.verdicts.all_of_them import JUDGES
from flexsso_helpers.first_contact.verdicts.in_console import JUDGES as AT_CONSOLE
from flexsso_helpers.graph import sign_in_errors
from flexsso_helpers.notebooks import NOTEBOOKS, fix_in
from flexsso_helpers.parameters.file_schema import at, schema
from flexsso_helpers.rehearsal.world import quirks, rules
from flexsso_helpers.saml.checks.numbers import CHECKS
from flexsso_helpers.saml.checks.report import FLEX_ONLY
from flexsso_helpers.saml.entra_errors import ENTRA
from flexsso_helpers.saml.flex_errors import FLEX
from flexsso_helpers.sections.step import Step

VERBS = ("form", "plan", "apply", "verify")


@dataclass(frozen=True)
class Table:
    """Rows whose first cell is the name of the line: it becomes an anchor to link to."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""


@dataclass(frozen=True)
class Page:
    """One page: its title, what it is about, and its tables."""

    title: str
    about: str
    tables: tuple[Table, ...]


def _instructions() -> Page:
    rows = [
        (each.number, each.words, _notebooks(proof.section for proof in each.proofs), _modes(each.modes))
        for each in INSTRUCTIONS
    ]
    return Page(
        "Instructions",
        "What the documented procedure asks for, instruction by instruction, and the notebooks whose checks prove it.",
        (Table(("", "instruction", "proved in", "single sign-on of Flex"), tuple(rows)),),
    )


def _notebooks(numbers: Iterable[str]) -> str:
    files = {each.number: each.file for each in NOTEBOOKS}
    return ", ".join(f"[{number}](../notebooks/{files[number]})" for number in dict.fromkeys(numbers))


def _modes(modes: tuple[str, ...]) -> str:
    return "both" if modes == MODES else " and ".join(modes)


def _checks() -> Page:
    rows = [(number, words, "Flex" if number in FLEX_ONLY else "any application") for number, words in CHECKS.items()]
    return Page(
        "Checks",
        "What is looked at in a response, in the application as it stands in Entra, and in the worker at Flex. Checks\n"
        "of an instruction carry its number instead: see [Instructions](instructions.md). What only Flex demands is\n"
        "one level milder where `flexsso judge` looks at the response of another SAML application.",
        (Table(("", "what should be true", "demanded by"), tuple(rows)),),
    )


def _rules() -> Page:
    built = sorted(rules.TITLES.items(), key=lambda rule: _order(rule[0]))
    open_ones = [
        (name, ", ".join(f"`{choice}`" for choice in each.choices), each.source or "–", each.when or "always")
        for name, each in sorted(quirks.QUIRKS.items())
    ]
    return Page(
        "Rules and quirks of the rehearsal",
        "A rule is a behaviour of Microsoft (G, E, AADSTS) or of Twilio (F) that the rehearsal plays; each can be\n"
        "switched off to prove that it matters. A quirk is a question that no source settles: the rehearsal plays\n"
        "each of its answers, the first by default.",
        (
            Table(("", "rule"), tuple(built), "Rules"),
            Table(("", "answers", "who says what", "matters where"), tuple(open_ones), "Quirks"),
        ),
    )


def _order(number: str) -> tuple[str, int, str]:
    """G9 before G10, and the codes of the sign-in service by themselves."""
    letters, digits, rest = re.fullmatch(r"(\D*)(\d*)(.*)", number).groups()  # type: ignore[union-attr]
    return letters, int(digits or 0), rest


def _errors() -> Page:
    kinds = [each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, errors.FlexSSOError)]
    rows = [(each.__name__, each.title, _said(each)) for each in kinds if each is not errors.FlexSSOError]
    return Page(
        "Errors",
        "What a person may meet. Each says what happened, why, what to do, and which notebook mends it.",
        (Table(("", "its heading", "when"), tuple(rows)),),
    )


def _sign_in_errors() -> Page:
    meant = [(f"AADSTS{number}", why, _mended(fix, notebook)) for number, (why, fix, notebook) in ENTRA.items()]
    own = [
        (f"AADSTS{number}", why or MEANINGS[number], _consented(fix))
        for number, (why, fix) in sign_in_errors.EXPLAINED.items()
        if number not in ENTRA
    ]
    flex = [(f"Flex {number}", why, _mended(fix, notebook)) for number, _, why, fix, notebook in FLEX if number]
    head = ("", "what it means", "what to do")
    return Page(
        "Sign-in errors",
        "The numbers that Entra and Flex show to a person who cannot sign in. Paste the whole text into notebook\n"
        f"{_notebooks(['08'])}, and it says the same. A number is read whole: AADSTS530032 is not AADSTS53003.",
        (
            Table(head, tuple(sorted(meant, key=lambda row: _order(row[0]))), "Entra, when a person signs on to Flex"),
            Table(head, tuple(sorted(own, key=lambda row: _order(row[0]))), "Entra, when you sign in to run notebooks"),
            Table(head, tuple(flex), "Flex and Twilio"),
        ),
    )


def _mended(fix: str, notebook: str) -> str:
    return fix_in(notebook, fix) if notebook else fix


def _consented(fix: str) -> str:
    """Two fixes are put together when they are shown; here they are said once for everybody."""
    if fix == "code":
        return f"Run the cell again and enter the new code in time. For an approval: {_consented('consent')}"
    return sign_in_errors.consent_words("", "") if fix == "consent" else fix


def _parameters() -> Page:
    extends = schema()["properties"]["extends"]["description"]
    rows = [("extends", extends, "text", "–"), *_fields("", at(()))]
    return Page(
        "Parameters",
        "The keys of a tenant's file, below `tenant` but for the first. `parameters/contoso.example.yaml` shows them\n"
        "in place; `parameters/schema.json` lets an editor check them while you type.",
        (Table(("", "what it says", "kind", "left out"), tuple(rows)),),
    )


def _fields(above: str, block: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    required = block.get("required", ())
    for key, given in block["properties"].items():
        field = next((each for each in given.get("anyOf", ()) if each.get("type") != "null"), {}) | given
        name = f"{above}{key}"
        without = "needed" if key in required else _default(field, inside="properties" in field)
        yield (name, field.get("description", ""), _kind(field), without)
        inner = field if "properties" in field else field.get("items", {})
        if "properties" in inner:
            yield from _fields(f"{name}.", inner)


def _default(field: Mapping[str, Any], *, inside: bool) -> str:
    default = field.get("default")
    if inside or default in (None, [], ""):
        return "–"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _kind(field: Mapping[str, Any]) -> str:
    if "enum" in field:
        return ", ".join(f"`{each}`" for each in field["enum"])
    plain = {"string": "text", "boolean": "true or false", "integer": "number", "object": "keys", "array": "list"}
    return " or ".join(
        dict.fromkeys(plain[each["type"]] for each in field.get("anyOf", [field]) if each["type"] in plain)
    )


def _exit_codes() -> Page:
    judged = {code: word for word, code in OF_JUDGE.items()}
    rows = [(str(code), words, judged.get(code, "–")) for code, words in EXIT_CODES.items()]
    return Page(
        "Exit codes",
        "How the commands end, for a shell or a pipeline. Of several tenants or notebooks the worst counts: 1, then\n"
        "3, 2, 0. `flexsso judge` says what it found of a file; `flexsso doctor`, `flexsso handover` and the table of\n"
        "coverage end with 0 where all is well, and 1 where something is missing or was changed.",
        (Table(("", "it says", "`flexsso judge`"), tuple(rows)),),
    )


def _sections() -> Page:
    folders = [each.name for each in iter_modules(sections.__path__) if each.ispkg]
    rooms = sorted(
        (import_module(f"{sections.__name__}.{each}") for each in folders), key=lambda room: room.STEP.number
    )
    verbs = [
        (f"step.{verb}", f"`{verb}{_signature(getattr(Step, verb))}`", _said(getattr(Step, verb))) for verb in VERBS
    ]
    rows = []
    for room in rooms:
        own = [each for each in room.__all__ if each not in ("STEP", *VERBS)]
        has = ", ".join(each for each in VERBS if each in room.__all__)
        name = room.__name__.rsplit(".", 1)[1]
        rows.append((name, _notebooks([room.STEP.number]), _said(room), has))
        rows += [
            (
                f"{name}.{each}",
                _notebooks([room.STEP.number]),
                _said(getattr(room, each)),
                _called(getattr(room, each)),
            )
            for each in own
        ]
    return Page(
        "Sections",
        "What a notebook's cells call: a folder of `flexsso_helpers/sections/` for each documented step. The verbs\n"
        "are the same everywhere and take the session that `flexsso_helpers.open` gives.",
        (
            Table(("", "call", "what it does"), tuple(verbs), "The verbs"),
            Table(("", "notebook", "what it is", "verbs, or how it is called"), tuple(rows), "The steps"),
        ),
    )


def _called(thing: Any) -> str:
    return "the verbs" if isinstance(thing, Step) else f"`{_signature(thing)}`"


def _signature(call: Callable[..., Any]) -> str:
    """The parameters without `self`; kinds of the project go by their own names."""
    asked = [each for each in inspect.signature(call).parameters.values() if each.name != "self"]
    return f"({', '.join(str(each.replace(annotation=each.empty)) for each in asked)})"


def _said(thing: object) -> str:
    """Its docstring; of a step that stands in another one's folder, its title."""
    return thing.title if isinstance(thing, Step) else re.sub(r"\s+", " ", inspect.getdoc(thing) or "")


def questions() -> dict[str, dict[str, Any]]:
    """The open questions as `flexsso observe` reads them, which may not know the rehearsal."""
    return {
        name: {
            "choices": list(each.choices),
            "source": each.source,
            "expects": dict(each.expects),
            "when": each.when,
            "there": dict(each.there),
        }
        for name, each in sorted(quirks.QUIRKS.items())
    }


def _observed() -> Page:
    rows = [
        (name, _told_apart(each.choices), _notebooks(TOUCHED.get(name, ())))
        for name, each in sorted(quirks.QUIRKS.items())
        if name in JUDGES
    ]
    billed = [row for row in rows if row[0] in AT_CONSOLE]
    rows = [row for row in rows if row[0] not in AT_CONSOLE]
    looked = [
        (name, eye.words.format(name="the throw-away application"), _told_apart(eye.choices))
        for name, eye in EYES.items()
    ]
    others = [
        (name, ", ".join(f"`{choice}`" for choice in each.choices))
        for name, each in sorted(quirks.QUIRKS.items())
        if name not in TOUCHED
    ]
    return Page(
        "What a first contact observes",
        "Which of the open questions `flexsso observe` answers in a tenant where they can be seen.\n"
        f"Notebook {_notebooks(['90'])} does the same. Of {len(quirks.QUIRKS)} questions they look at {len(JUDGES)}. "
        "A test has the rehearsal play each\nanswer named here, and a contact that does not know it names it. "
        "What a person saw is kept as said, never as seen.",
        (
            Table(("", "answers told apart", "touches"), tuple(rows), "By a program alone"),
            Table(
                ("", "answers told apart", "touches"),
                tuple(billed),
                "With a billed user, and a person at Flex Console",
            ),
            Table(("", "what to look at", "answers"), tuple(looked), "In the portal, by a person"),
            Table(
                ("", "answers"),
                tuple(others),
                "Not looked at",
            ),
        ),
    )


def _told_apart(choices: Iterable[str]) -> str:
    return ", ".join(f"`{choice}`" for choice in choices)


MAKERS: dict[str, Callable[[], Page]] = {
    "checks.md": _checks,
    "instructions.md": _instructions,
    "sign_in_errors.md": _sign_in_errors,
    "errors.md": _errors,
    "exit_codes.md": _exit_codes,
    "parameters.md": _parameters,
    "rules.md": _rules,
    "observed.md": _observed,
    "sections.md": _sections,
}
