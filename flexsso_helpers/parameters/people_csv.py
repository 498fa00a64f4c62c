"""People from a CSV file, as spreadsheets write them: user, role and Insights roles as text, each mistake by line."""

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from flexsso_helpers.identities import identity
from flexsso_helpers.parameters import shapes
from flexsso_helpers.parameters.problems import Problem, choice
from flexsso_helpers.parameters.roles import INSIGHTS, MAY_HAVE_INSIGHTS, ROLES

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("user", "role")
INSIGHTS_COLUMN = re.compile(r"insights[_ ]roles?([_ ]?\d+)?")
_LARGEST = 20_000_000
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_MARKS = {
    b"\xef\xbb\xbf": ("utf-8-sig", "UTF-8"),
    b"\xff\xfe": ("utf-16", "UTF-16"),
    b"\xfe\xff": ("utf-16", "UTF-16"),
}
_INVISIBLE = shapes.INVISIBLE
_NO_TEXT = "=+\\-@\t\r#\uff1d\uff0b\uff0d\uff20"
"""By these at the beginning of an entry a spreadsheet knows a formula (in East Asia by the wide ones, too); by # this
reader knows a comment."""
_ERROR = re.compile(r"#(?:[A-Z\xc0-\xde0-9/_]{1,20}[!?]|N/A|NV|NA|N/D)")
"""What a spreadsheet leaves where a look-up found nothing, in any language."""
_ODD = re.compile(
    "[^\x00-\x7f\xc0-\xd6\xd8-\xf6\xf8-\xff\u0160\u0161\u017d\u017e\u0153\u20ac\u2013\u2014\u2018\u2019\u201c\u201d\u2026\xa7\xb0]|(?<=[a-z\xc0-\xff])[\u0160\u017d]|[\xc0-\xd6\xd8-\xf6\xf8-\xff]{3}"
)
"""What Windows-1252 makes of a file in Mac Roman, Cyrillic or Japanese: signs, or accents side by side."""


@dataclass(frozen=True)
class Person:
    """One line's user, Flex role and Flex Insights roles; `line` counts from 1."""

    user: str
    role: str
    line: int
    insights: tuple[str, ...] = ()


@dataclass
class People:
    """What a CSV file says. `problems` make it unusable; `repeated` are lines that say again what was said."""

    file: str
    encoding: str = ""
    separator: str = ""
    persons: list[Person] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    passed_over: list[int] = field(default_factory=list)
    """Lines that begin with # and were taken for comments."""
    problems: list[Problem] = field(default_factory=list)

    def told(self) -> str:
        """How it was read, and what is worth knowing though nothing is wrong."""
        if not self.separator:
            return f"{self.file} was read as {self.encoding}." if self.encoding else ""
        told = f"{self.file} was read as {self.encoding}, separated by {self.separator}."
        if self.passed_over:
            told += f" Passed over, because of the # at their beginning: line {_few(self.passed_over)}."
        return f"{told} Said twice, the same both times: line {_few(self.repeated)}." if self.repeated else told

    def refuse(self, line: int, text: str) -> None:
        """Note one mistake; line 0 is the whole file."""
        self.problems.append(Problem((), text, line, self.file))


def _few(lines: list[int]) -> str:
    more = f" and {len(lines) - 10:,} more" if len(lines) > 10 else ""
    return ", ".join(map(str, islice(lines, 10))) + more


def read_people(data: bytes, file: str) -> People:
    """Read the bytes of a CSV file that messages call `file`.

    The encoding is UTF-8 or UTF-16 when they fit, else Windows-1252; the separator that of the header. A line is one
    person. Blank lines and lines that begin with # are passed over, and a user said twice in the same way counts once.
    Columns called insights_role, as many as are needed, hold one Flex Insights role each, or nothing. A ' before a user
    name that a spreadsheet would take for a formula is no part of the name.
    """
    people = People(file)
    text = _decoded(people, data)
    lines = _lines(text)
    people.passed_over = [number for number, line in enumerate(lines, 1) if _is_comment(line)]
    start = next((number for number, line in enumerate(lines) if _says_something(line, number)), None)
    if people.problems:
        return people
    if start is None:
        people.refuse(0, "is empty; its first line is user,role")
        return people
    separator = max(_SEPARATORS, key=lambda each: lines[start].count(each))
    people.separator = _SEPARATORS[separator]
    header = _header(people, lines[start], start + 1, separator)
    if not people.problems:
        _check(people, _rows(people, lines, start + 1, header, separator))
        if not people.persons and not people.problems:
            people.refuse(start + 1, "is the header, and no person stands below it")
    people.problems.sort(key=lambda each: each.line)
    return people


def as_entry(value: str) -> str:
    """The entry that a spreadsheet takes for text and never for a formula: with ' before it where that is needed."""
    return f"'{value}" if re.match(f"'*[{_NO_TEXT}]", value) else value


def of_entry(entry: str) -> str:
    """The value of which `as_entry` makes this entry."""
    return entry[1:] if re.match(f"'+[{_NO_TEXT}]", entry) else entry


def _decoded(people: People, data: bytes) -> str:
    if len(data) > _LARGEST:
        people.refuse(0, f"is larger than {_LARGEST // 1_000_000} megabytes; this is not a list of people")
        return ""
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        people.refuse(0, "is a workbook of a spreadsheet, whatever its name says; save it as “CSV UTF-8”")
        return ""
    codec, name = next((found for mark, found in _MARKS.items() if data.startswith(mark)), ("", ""))
    if not codec and data[:200].count(0) * 4 > len(data[:200]):
        codec, name = ("utf-16-be" if data[0] == 0 else "utf-16-le"), "UTF-16"
    broken = 0
    for code, title in [(codec, name)] if codec else [("utf-8", "UTF-8"), ("cp1252", "Windows-1252")]:
        people.encoding = title
        try:
            text = data.decode(code)
            odd = _ODD.search(text) if code == "cp1252" else None
            if odd:
                said = f"reads “{odd[0]}” as Windows-1252, which is unlikely; save the file as “CSV UTF-8”"
                people.refuse(len(_lines(text[: odd.start()])), said)
                return ""
            return text
        except UnicodeDecodeError as error:
            broken = len(_lines(data[: error.start].decode(code, "ignore")))
    people.refuse(broken, f"has a character that is not {people.encoding}; save the file as “CSV UTF-8”")
    return ""


def _lines(text: str) -> list[str]:
    return re.split(r"\r\n|\n|\r", text)


def _says_something(line: str, number: int) -> bool:
    """Not blank, not a comment, nor the line `sep=;` by which Excel names its separator."""
    bare = line.strip(' \t,;"')
    return bool(bare) and not _is_comment(line) and not (number == 0 and bare.lower() == "sep=")


def _is_comment(line: str) -> bool:
    """Begins with #, and its first entry is no error value of a spreadsheet."""
    bare = line.strip(' \t,;"')
    return bare.startswith("#") and not _ERROR.fullmatch(re.split(r'[,;\t"]', bare)[0].strip())


def _header(people: People, line: str, number: int, separator: str) -> list[str]:
    try:
        names = [
            name.strip() for name in next(csv.reader([line.rstrip(separator + " ")], delimiter=separator, strict=True))
        ]
    except csv.Error:
        names = []
    found = [name.lower() for name in names]
    if not set(found) & set(COLUMNS):
        people.refuse(number, "is no header; the first line is user,role")
        return []
    for name in names:
        if name.lower() not in COLUMNS and not INSIGHTS_COLUMN.fullmatch(name.lower()):
            shown = f"“{re.sub(_INVISIBLE, '?', name):.40}”" if name else "without a name"
            text = f"has a column {shown}; the columns are user, role and insights_role, remove all others"
            people.refuse(number, text)
    for name in COLUMNS:
        if found.count(name) != 1:
            people.refuse(number, f"has {'no column' if name not in found else 'more than one column'} {name}")
    return found


def _rows(people: People, lines: Sequence[str], start: int, header: list[str], separator: str) -> "pd.DataFrame":
    """The readable lines as a table of text, by line number; the others become problems."""
    import pandas as pd  # takes most of a second, and most tenants have no CSV

    body = pd.Series(lines[start:], index=range(start + 1, len(lines) + 1), dtype=object).str.rstrip(separator + " ")
    body = body[[_says_something(line, number) for number, line in zip(body.index, body, strict=True)]]
    least = max(header.index(name) for name in COLUMNS) + 1  # empty entries behind are not written by every program
    entry = rf' *"(?:[^"]|"")*" *|[^"{separator}]*'
    whole = re.compile(f"(?:{entry})(?:{separator}(?:{entry}))*")

    def mistake(line: str) -> str:
        if hidden := re.search(_INVISIBLE, line):
            named = unicodedata.name(hidden[0], "a control character").lower()
            where = f"(U+{ord(hidden[0]):04X}, {named}) in column {hidden.start() + 1}"
            return f"has an invisible character {where}; without it: {re.sub(_INVISIBLE, '', line):.200}"
        if not whole.fullmatch(line):
            return "has a quote that is not closed, or one inside an entry; remove the quotes"
        count = _entries(line, separator)
        if least <= count <= len(header):
            return ""
        return f"has {count} {'entry' if count == 1 else 'entries'}; write {separator.join(header)}"

    mistakes = body.map(mistake)
    for number, text in mistakes[mistakes != ""].items():
        people.refuse(int(str(number)), text)
    body = body[mistakes == ""]
    if body.empty:
        return pd.DataFrame(columns=header, dtype=str)
    table = pd.read_csv(
        io.StringIO("\n".join(line + separator * (len(header) - _entries(line, separator)) for line in body)),
        sep=separator,
        header=None,
        names=[f"{at} {name}" if name not in COLUMNS else name for at, name in enumerate(header)],
        index_col=False,
        dtype=str,
        na_filter=False,
        skipinitialspace=True,
    )
    return table.set_index(body.index)


def _entries(line: str, separator: str) -> int:
    return re.sub('"[^"]*"', "", line).count(separator) + 1


def _check(people: People, table: "pd.DataFrame") -> None:
    first: dict[str, Person] = {}
    others = [name for name in table.columns if name not in COLUMNS]
    columns = [table[name].str.strip() for name in (*COLUMNS, *others)]
    for line, entry, written, *more in zip(table.index, *columns, strict=True):
        user, role = of_entry(entry), written.lower()
        insights = tuple(dict.fromkeys(each.lower() for each in more if each))
        if mistakes := [text for text in _mistakes(user, role, insights) if text]:
            people.refuse(line, "; and ".join(mistakes))
            continue
        person = Person(user, role, int(line), insights)
        before = first.setdefault(identity(user), person)
        if before is person:
            people.persons.append(person)
        elif before.role != person.role:
            people.refuse(person.line, two_roles(person, before.role, f"line {before.line}"))
        elif set(before.insights) != set(person.insights):
            people.refuse(person.line, other_insights(person, f"line {before.line}"))
        else:
            people.repeated.append(person.line)


def _mistakes(user: str, role: str, insights: tuple[str, ...]) -> list[str]:
    found = [_wrong("user", user), _wrong("role", role), *(_wrong("insights_role", each) for each in insights)]
    if insights and role in ROLES and role not in MAY_HAVE_INSIGHTS:
        found.append(f"has an Insights role beside the role {role}; Flex Insights opens only to supervisor or admin")
    return found


def _wrong(column: str, value: str) -> str:
    """What is wrong with one entry; empty when nothing is."""
    if not value:
        return f"{column} is empty"
    if _ERROR.fullmatch(value.upper()):
        return f"{column} is {value.upper()}, the error of a spreadsheet whose look-up found nothing; mend it there"
    if shapes.looks_secret(value):
        return f"{column} looks like a secret and is not repeated here; if it is a real one, revoke it"
    if column == "role":
        return "" if value in ROLES else f"role {choice(('role',), value, list(ROLES))}"
    if column == "insights_role":
        return "" if value in INSIGHTS else f"insights_role {choice(('insights',), value, list(INSIGHTS))}"
    try:
        shapes.address(value)
    except ValueError as error:
        return f"user {error}"
    return ""


def two_roles(person: Person, before: str, where: str) -> str:
    """What to say about a person who has another role elsewhere."""
    keep = f"{where} the role {before}; keep one, Flex knows one role a person"
    return f"gives user {person.user} the role {person.role}, and {keep}"


def other_insights(person: Person, where: str) -> str:
    """What to say about a person who has other Insights roles elsewhere."""
    return f"gives user {person.user} other Insights roles than {where}; put all of them into one line"
