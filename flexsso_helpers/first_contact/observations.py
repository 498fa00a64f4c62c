"""What a first contact found: plain data, the file that a rehearsal plays, and the file read again."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString as Quoted

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.first_contact.besides import EYES, WRONG, Fact
from flexsso_helpers.first_contact.questions import Question, questions
from flexsso_helpers.first_contact.verdicts.all_of_them import NOT_LOOKED_AT, Verdict
from flexsso_helpers.output import clean

FILE = "observations.yaml"
FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Observations:
    """All verdicts of one first contact, and whether it left the tenant as it was."""

    cloud: str
    verdicts: tuple[Verdict, ...]
    read_only: bool = True
    steps: tuple[tuple[str, str, str], ...] = ()
    """(number, title, how it went) of each step."""
    clean: bool = True
    """Whether the server shows nothing of ours any more; true where nothing was written."""
    besides: tuple[Fact, ...] = ()
    """What was learnt that is no open question."""
    left: tuple[str, ...] = ()
    """The paths of what is left."""

    @property
    def console_wrong(self) -> bool:
        """Whether Flex Console may hold a value that was wrong on purpose."""
        return any(each.told == WRONG for each in self.besides)

    @property
    def told(self) -> Mapping[str, str]:
        """The alternatives that were observed or said, by question."""
        return {each.quirk: each.alternative for each in self.verdicts if each.alternative}

    @property
    def different(self) -> list[tuple[Question, Verdict]]:
        """Where it is not as we go by."""
        known = questions()
        pairs = [(known[each.quirk], each) for each in self.verdicts if each.alternative]
        return [(question, each) for question, each in pairs if each.alternative != question.choices[0]]

    @property
    def ends(self) -> list[tuple[str, str, str, str]]:
        """(question, error, notebook, circumstances) of each answer under which the runbook would end."""
        known = questions()
        found = [(name, *known[name].refusal(answer)) for name, answer in self.told.items()]
        return [each for each in found if each[1]]

    @property
    def proved(self) -> bool:
        """Whether the runbook is expected to be proved here, as far as was told."""
        return not any(not when for *_, when in self.ends)

    def yaml(self) -> str:
        """The file. Nothing in it names the tenant."""
        seen = {
            each.quirk: Quoted(each.alternative) for each in self.verdicts if each.alternative and not each.attested
        }
        said = {each.quirk: Quoted(each.alternative) for each in self.verdicts if each.attested}
        untold = {each.quirk: each.why for each in self.verdicts if not each.alternative and each.why != NOT_LOOKED_AT}
        besides = {each.name: Quoted(each.told) for each in self.besides}
        content = {"format": FORMAT, "cloud": self.cloud, "seen": seen, "said": said, "not_told": untold}
        content |= {"besides": besides} if besides else {}
        text = StringIO()
        yaml = YAML()
        yaml.width = 200
        yaml.dump(content, text)
        return "# What a first contact found. `flexsso rehearsal serve --as` plays it.\n" + clean(text.getvalue())

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "schema_version": FORMAT,
            "cloud": self.cloud,
            "read_only": self.read_only,
            "clean": self.clean,
            "left": list(self.left),
            "steps": [{"number": number, "title": title, "went": went} for number, title, went in self.steps],
            "observations": [
                {
                    "question": each.quirk,
                    "alternative": each.alternative or None,
                    "why_not": each.why if not each.alternative else "",
                    "attested": each.attested,
                    "expected": questions()[each.quirk].choices[0],
                }
                for each in self.verdicts
            ],
            "besides": [asdict(each) for each in self.besides],
            "runbook_expected_to_be_proved": self.proved,
        }


def with_attested(verdicts: Sequence[Verdict], attested: Mapping[str, str]) -> list[Verdict]:
    """The verdicts, with what a person said where nothing was seen.

    Raises ParametersError for a question or an answer that there is not.
    """
    known = {name: each.choices for name, each in questions().items()}
    known |= {name: eye.choices for name, eye in EYES.items()}
    for name, answer in attested.items():
        if answer not in known.get(name, ()):
            choices = f"one of {', '.join(known[name])}" if name in known else "a question of this table"
            raise ParametersError(
                f"What was seen is given as question=answer; {name}={answer} is not {choices}.",
                fix="docs/observed.md has the questions, and the answers of each.",
                notebook="90",
            )
    return [
        Verdict(quirk=each.quirk, alternative=attested[each.quirk], why="a person said so", attested=True)
        if each.quirk in attested and not each.alternative
        else each
        for each in verdicts
    ]


def read_observations(path: Path) -> tuple[dict[str, str], str]:
    """The alternatives of a file of observations, seen and said, and the cloud. Raises ParametersError."""
    try:
        content = YAML(typ="safe").load(path.read_text("utf-8"))
        told = {**(content["seen"] or {}), **(content["said"] or {})}
        found = {str(name): str(answer) for name, answer in told.items()}, str(content["cloud"])
    except (OSError, YAMLError, TypeError, KeyError) as error:
        raise ParametersError(
            f"{path.name} is no file of observations.", fix="`flexsso observe` writes one, observations.yaml."
        ) from error
    return found
