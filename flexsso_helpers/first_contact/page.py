"""What a first contact found, in plain words: the page for people, and the issue form filled in for the project.

Both are drawn from the observations alone, in which nothing names the tenant.
"""

from flexsso_helpers.first_contact.besides import EYES
from flexsso_helpers.first_contact.observations import Observations
from flexsso_helpers.first_contact.questions import questions
from flexsso_helpers.first_contact.touched import LOOK, TOUCHED
from flexsso_helpers.first_contact.verdicts.all_of_them import NOT_LOOKED_AT, Verdict
from flexsso_helpers.notebooks import TITLES
from flexsso_helpers.output import clean
from flexsso_helpers.plan import count
from flexsso_helpers.views import Cell, Row, Shown, card
from flexsso_helpers.views.shown import stack
from flexsso_helpers.views.table import Badge

PAGE, ISSUE = "first_contact.md", "issue.md"
NOTHING = "Nothing differs from what these runbooks go by."
UNFORESEEN = "nobody foresaw"


def sentence(found: Observations) -> str:
    """What is to be expected of the runbook, in one sentence."""
    if found.proved and not found.different:
        return f"{NOTHING} The runbook is expected to be proved here."
    if found.proved:
        return "The runbook copes with what differs: it is expected to be proved here."
    ends = [f"{name} ends it in {notebook} ({error})" for name, error, notebook, when in found.ends if not when]
    return f"The runbook is not expected to be proved here: {'; '.join(ends)}."


def page(found: Observations) -> str:
    """The page in plain words, as Markdown."""
    parts = ["# First contact", sentence(found), _state(found)]
    parts += ["## What differs", _differences(found)]
    told = [
        f"* {each.quirk}: `{each.alternative}`" + (" (said)" if each.attested else "") for each in _as_expected(found)
    ]
    parts += ["## What is as we go by", "\n".join(told) or "Nothing was told."]
    if found.besides:
        parts += ["## Seen besides", "\n".join(f"* {name}: {told}." for name, told in _besides(found))]
    parts += ["## What could not be told", "\n".join(f"* {each.quirk}: {each.why}." for each in _untold(found)) or "–"]
    if looks := _looks(found):
        parts += ["## What a person may still look at", "\n".join(f"* {name}: {words}" for name, words in looks)]
    return clean("\n\n".join(parts)) + "\n"


def issue(found: Observations) -> str:
    """The form “A live tenant behaves otherwise”, filled in: a part for each answer that differs or is new to us."""
    new = [each for each in found.verdicts if not each.alternative and UNFORESEEN in each.why]
    parts = ["A first contact found the following. Nothing here names the tenant."]
    for each in [*(verdict for _, verdict in found.different), *new]:
        answer = f"`{each.alternative}`" if each.alternative else each.why
        how = "said by a person" if each.attested else each.evidence or "–"
        parts.append(
            f"### Request\n\n{how.partition(' → ')[0]}\n\n### What was answered\n\n{answer} · "
            f"{how.partition(' → ')[2] or how}\n\n### Rule or quirk that it touches\n\n{each.quirk}\n\n"
            f"### Cloud\n\n{found.cloud or 'not known'}"
        )
    return clean("\n\n".join(parts if len(parts) > 1 else [*parts, NOTHING])) + "\n"


def steps(found: Observations, badge: Badge) -> Shown:
    """How each step went, and whether anything is left."""
    rows = [
        Row((number, title, Cell(went, "ok" if went == "walked" else "wait"))) for number, title, went in found.steps
    ]
    rows += [Row(("", path, Cell("may be left", "no"))) for path in found.left]
    return card(title="First contact", badge=badge, columns=("", "step", "how it went"), rows=rows, note=_state(found))


def conclusions(found: Observations, badge: Badge) -> Shown:
    """What differs, what is as we go by, and what could not be told."""
    differs = [
        Row(
            (
                question.name,
                question.choices[0],
                Cell(each.alternative, "value", sub="said" if each.attested else ""),
                _touched(question.name),
                _end(found, question.name),
            ),
            "change",
        )
        for question, each in found.different
    ]
    told = [Row((each.quirk, Cell(each.alternative, "value"))) for each in _as_expected(found)]
    untold = [Row((each.quirk, Cell(each.why, "muted"))) for each in _untold(found)]
    return stack(
        card(
            title="What differs",
            badge=badge,
            columns=("question", "we go by", "here", "touches", "the runbook") if differs else (),
            rows=differs,
            note=sentence(found),
        ),
        card(title="What is as we go by", badge=badge, columns=("question", "here"), rows=told, most=8),
        card(title="Seen besides", badge=badge, columns=("", "what"), rows=[Row(each) for each in _besides(found)]),
        card(title="What could not be told", badge=badge, columns=("question", "why"), rows=untold, most=8),
        card(
            title="What a person may look at",
            badge=badge,
            columns=("question", "what to look at"),
            rows=[Row((name, words)) for name, words in _looks(found)],
            footer='Say it to verify, such as active_before_save="false".',
        ),
    )


def _state(found: Observations) -> str:
    if found.console_wrong:
        return "Flex Console may hold a value that was wrong on purpose: paste the right ones (06)."
    if found.read_only:
        return "Nothing was written."
    if found.clean:
        return "What was made is gone: the server shows nothing of it any more."
    how_many = count(len(found.left), "object") if found.left else "Something"
    return f"{how_many} of ours may be left in this tenant. The next first contact takes it away."


def _differences(found: Observations) -> str:
    if not found.different:
        return NOTHING
    lines = []
    for question, each in found.different:
        said = ", as a person said" if each.attested else ""
        lines.append(
            f"* **{question.name}**: here `{each.alternative}`{said}; we go by `{question.choices[0]}`. "
            f"It touches {_touched(question.name) or 'no notebook'}. {_end(found, question.name).capitalize()}."
        )
    return "\n".join(lines)


def _end(found: Observations, name: str) -> str:
    error, notebook, when = questions()[name].refusal(found.told[name])
    if not error:
        return "the runbook copes"
    return f"the runbook ends in {notebook} ({error})" + (f", where {when}" if when else "")


def _touched(name: str) -> str:
    return ", ".join(f"{number} · {TITLES[number]}" for number in TOUCHED.get(name, ()))


def _as_expected(found: Observations) -> list[Verdict]:
    others = {question.name for question, _ in found.different}
    return [each for each in found.verdicts if each.alternative and each.quirk not in others]


def _untold(found: Observations) -> list[Verdict]:
    return [each for each in found.verdicts if not each.alternative and each.why != NOT_LOOKED_AT]


def _looks(found: Observations) -> list[tuple[str, str]]:
    seen = {*found.told, *(each.name for each in found.besides)}
    eyes = {name: eye.words.format(name="the throw-away application") for name, eye in EYES.items()}
    return [(name, words) for name, words in (LOOK | eyes).items() if name not in seen]


def _besides(found: Observations) -> list[tuple[str, str]]:
    return [(each.name, f"{each.told}{' (said)' if each.attested else ''}") for each in found.besides]
