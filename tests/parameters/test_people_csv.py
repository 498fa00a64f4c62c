"""People from a CSV file as spreadsheets, exports and hands write them."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.parameters import Tenant, from_mapping, load, overlaid, save, save_people
from flexsso_helpers.parameters.people_csv import read_people

People = Callable[..., Path]
Pairs = list[tuple[str, str]]

BOTH = [("ada@fabrikam.com", "admin"), ("bo@fabrikam.com", "agent")]
PLAIN = "user,role\nada@fabrikam.com,admin\nbo@fabrikam.com,agent\n"


@pytest.fixture
def people(tmp_path: Path, good: str) -> People:
    """Writes people.csv beside fabrikam.yaml, which names it, and returns the path of fabrikam.yaml."""

    def write(data: str | bytes = PLAIN, users: str = "", csv: str = "people.csv") -> Path:
        path = tmp_path / "parameters" / "fabrikam.yaml"
        path.parent.mkdir(exist_ok=True)
        inline = re.search(r"    users:\n(?:      .*\n)+", good)
        assert inline
        path.write_text(good.replace(inline[0], f"    csv: {csv}\n{users}"))
        (path.parent / "people.csv").write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write


def pairs(tenant: Tenant) -> Pairs:
    return [(entry.user, entry.role) for entry in tenant.assignments.users]


READS: dict[str, tuple[str | bytes, str, str]] = {
    "commas": (PLAIN, "UTF-8", "commas"),
    "semicolons": (PLAIN.replace(",", ";"), "UTF-8", "semicolons"),
    "tabs": (PLAIN.replace(",", "\t"), "UTF-8", "tabs"),
    "byte order mark": (PLAIN.encode("utf-8-sig"), "UTF-8", "commas"),
    "UTF-16 of Excel": (PLAIN.replace(",", "\t").encode("utf-16"), "UTF-16", "tabs"),
    "UTF-16 the other way": (b"\xfe\xff" + PLAIN.encode("utf-16-be"), "UTF-16", "commas"),
    "UTF-16 without a mark": (PLAIN.encode("utf-16-le"), "UTF-16", "commas"),
    "UTF-16 the other way without a mark": (PLAIN.encode("utf-16-be"), "UTF-16", "commas"),
    "Windows-1252": (("# Büro Zürich\n" + PLAIN).encode("cp1252"), "Windows-1252", "commas"),
    "Excel names its separator": ("sep=;\r\n" + PLAIN.replace(",", ";"), "UTF-8", "semicolons"),
    "Windows line ends": (PLAIN.replace("\n", "\r\n"), "UTF-8", "commas"),
    "old Mac line ends": (PLAIN.replace("\n", "\r"), "UTF-8", "commas"),
    "no line end at the end": (PLAIN.rstrip(), "UTF-8", "commas"),
    "quotes": ('"user","role"\n"ada@fabrikam.com" , "admin"\n"bo@fabrikam.com",agent\n', "UTF-8", "commas"),
    "header in capitals": (PLAIN.replace("user,role", "User, ROLE"), "UTF-8", "commas"),
    "roles in capitals": (PLAIN.replace("admin", "Admin"), "UTF-8", "commas"),
    "columns the other way": ("role,user\nadmin,ada@fabrikam.com\nagent,bo@fabrikam.com\n", "UTF-8", "commas"),
    "blanks around": (PLAIN.replace(",", "  , ").replace("\nada", "\n  ada"), "UTF-8", "commas"),
    "blank lines": ("\n\n" + PLAIN.replace("\nbo", "\n\n  \n,,\nbo") + "\n\n;;\n", "UTF-8", "commas"),
    "comments": ("# who, and as what\n" + PLAIN.replace("\nbo", '\n# later\n"# with, comma"\nbo'), "UTF-8", "commas"),
    "empty columns behind": (PLAIN.replace("\n", ",,\n"), "UTF-8", "commas"),
}


@pytest.mark.parametrize(("data", "encoding", "separator"), READS.values(), ids=READS.keys())
def test_the_same_two_people_however_they_are_written(
    people: People, data: str | bytes, encoding: str, separator: str
) -> None:
    path = people(data)
    assert pairs(load(path)) == BOTH
    told = read_people((path.parent / "people.csv").read_bytes(), "people.csv").told()
    assert told.startswith(f"people.csv was read as {encoding}, separated by {separator}.")
    assert ("Passed over" in told) == (b"#" in (path.parent / "people.csv").read_bytes())


def test_lines_taken_for_comments_are_counted_by_number() -> None:
    told = read_people(f"# who\n{PLAIN}#cy@fabrikam.com,agent\n".encode(), "people.csv").told()
    assert told.endswith("Passed over, because of the # at their beginning: line 1, 5.")


@pytest.mark.parametrize("column", ["user", "role", "insights_role"])
@pytest.mark.parametrize(
    "value", ["#N/A", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#NV", "#WERT!", "#BEZUG!"]
)
def test_the_error_of_a_spreadsheet_is_never_taken_for_a_comment(value: str, column: str) -> None:
    entries = {"user": "cy@fabrikam.com", "role": "admin", "insights_role": "wfo.full_access"} | {column: value}
    found = read_people(f"user,role,insights_role\n{','.join(entries.values())}\n".encode(), "people.csv")
    (problem,) = found.problems
    assert (problem.line, found.persons, found.passed_over) == (2, [], [])
    assert f"{column} is {value}, the error of a spreadsheet" in problem.text


def test_text_stays_text(people: People) -> None:
    path = people("user,role\n0123@fabrikam.com,agent\nnull@fabrikam.com,agent\n1e5@fabrikam.com,agent\n")
    assert [user for user, _ in pairs(load(path))] == ["0123@fabrikam.com", "null@fabrikam.com", "1e5@fabrikam.com"]


def test_they_join_the_users_of_the_file(people: People) -> None:
    path = people(PLAIN, users="    users:\n      - {user: cy@fabrikam.com, role: supervisor}\n")
    assert pairs(load(path)) == [("cy@fabrikam.com", "supervisor"), *BOTH]


def test_what_is_said_twice_counts_once_and_is_told(people: People) -> None:
    data = PLAIN + "ADA@fabrikam.com,admin\nbo@fabrikam.com,agent\n"
    assert pairs(load(people(data))) == BOTH
    assert read_people(data.encode(), "people.csv").told().endswith("Said twice, the same both times: line 4, 5.")
    inline = people(PLAIN, users="    users:\n      - {user: Bo@fabrikam.com, role: agent}\n")
    assert pairs(load(inline)) == [("Bo@fabrikam.com", "agent"), BOTH[0]]


BAD: dict[str, tuple[str | bytes, int, str]] = {
    "nothing": ("", 0, "is empty; its first line is user,role"),
    "only blanks": ("\n ,\n", 0, "is empty"),
    "only a header": ("\nuser,role\n", 2, "is the header, and no person stands below it"),
    "no header": ("ada@fabrikam.com,admin\n", 1, "is no header; the first line is user,role"),
    "column left out": ("user\nada@fabrikam.com\n", 1, "has no column role"),
    "column twice": ("user,role,User\n", 1, "has more than one column user"),
    "extra column": (
        "user,role,Department\n",
        1,
        "a column “Department”; the columns are user, role and insights_role",
    ),
    "column without a name": ("user,,role\n", 1, "has a column without a name"),
    "column with a hidden name": ("user,role\u200b\n", 1, "has a column “role?”"),
    "quote in the header": ('user,"role\n', 1, "is no header"),
    "no role": (PLAIN + "cy@fabrikam.com\n", 4, "has 1 entry; write user,role"),
    "no role behind the comma": (PLAIN + "cy@fabrikam.com,\n", 4, "has 1 entry; write user,role"),
    "no user": (PLAIN + ",agent\n", 4, "user is empty"),
    "too much": (PLAIN + "cy@fabrikam.com,agent,x\n", 4, "has 3 entries; write user,role"),
    "another separator": (PLAIN + "cy@fabrikam.com;agent\n", 4, "has 1 entry; write user,role"),
    "a name for an address": (PLAIN + "Cy Young,agent\n", 4, "user is not an address; write it like ada@"),
    "two addresses": (PLAIN + '"cy@fabrikam.com,di@fabrikam.com",agent\n', 4, "user is not an address"),
    "to fill in": (PLAIN + "<you>@fabrikam.com,agent\n", 4, "user is still a placeholder"),
    "role misspelt": (PLAIN + "cy@fabrikam.com,agnet\n", 4, "role is “agnet”, which is not one of"),
    "both": (
        PLAIN + "cy,agnet\n",
        4,
        "user is not an address; write it like ada@contoso.com, one address an entry; and r",
    ),
    "a secret": (
        PLAIN + "cy@fabrikam.com,0123456789abcdef0123456789abcdef\n",
        4,
        "role looks like a secret and is not",
    ),
    "quote left open": (PLAIN + '"cy@fabrikam.com,agent\n', 4, "has a quote that is not closed"),
    "quote inside": (PLAIN + 'cy "y" <cy@fabrikam.com>,agent\n', 4, "or one inside an entry"),
    "over two lines": (PLAIN + '"cy\n@fabrikam.com",agent\n', 4, "has a quote that is not closed"),
    "invisible": (PLAIN + "cy\u200b@fabrikam.com,agent\n", 4, "in column 3; without it: cy@fabrikam.com,agent"),
    "NUL": (PLAIN + "cy\0@fabrikam.com,agent\n", 4, "has an invisible character (U+0000, a control character)"),
    "no-break space": (PLAIN + "cy@fabrikam.com\xa0,agent\n", 4, "(U+00A0, no-break space) in column 16"),
    "soft hyphen": (PLAIN + "cy@fabri\xadkam.com,agent\n", 4, "(U+00AD, soft hyphen)"),
    "a mark of direction": (PLAIN + "\u202acy@fabrikam.com,agent\n", 4, "(U+202A, left-to-right embedding)"),
    "a link": (PLAIN + "mailto:cy@fabrikam.com,agent\n", 4, "user is a link; write cy@fabrikam.com"),
    "a name around": (PLAIN + "Cy <cy@fabrikam.com>,agent\n", 4, "has a name around the address; write cy@fabrikam"),
    "a workbook": (b"PK\x03\x04" + PLAIN.encode(), 0, "is a workbook of a spreadsheet"),
    "an old workbook": (b"\xd0\xcf\x11\xe0" + PLAIN.encode(), 0, "is a workbook of a spreadsheet"),
    "Mac Roman": ((PLAIN + "# B\xfcro\n").encode("mac_roman"), 4, "as Windows-1252, which is unlikely"),
    "Cyrillic": ((PLAIN + "# \u043e\u0444\u0438\u0441\n").encode("cp1251"), 4, "as Windows-1252, which is unlikely"),
    "Japanese": ((PLAIN + "# \u672d\u5e4c\u652f\u5e97\n").encode("cp932"), 4, "Windows-1252"),
    "two roles": (PLAIN + "\nBO@fabrikam.com,admin\n", 5, "the role admin, and line 3 the role agent; keep one"),
    "role not offered": (PLAIN + "cy@fabrikam.com,supervisor\n", 4, "role is supervisor, which `roles` does not offer"),
    "no such character": (
        PLAIN.encode() + b"c\x81@fabrikam.com,agent\n",
        4,
        "has a character that is not Windows-1252",
    ),
    "half a character": (PLAIN.encode("utf-16") + b"x", 4, "has a character that is not UTF-16"),
    "huge": (b"#" * 20_000_001, 0, "is larger than 20 megabytes"),
}


@pytest.mark.parametrize(("data", "line", "words"), BAD.values(), ids=BAD.keys())
def test_a_mistake_is_named_by_line(people: People, data: str | bytes, line: int, words: str) -> None:
    path = people(data)
    path.write_text(path.read_text().replace("[admin, supervisor, agent]", "[admin, agent]"))
    with pytest.raises(ParametersError) as caught:
        load(path)
    first, *_ = caught.value.what.splitlines()
    place = f", line {line}: " if line else ": "
    assert first.startswith(f"parameters/people.csv{place}")
    assert words in first
    assert "0123456789abcdef" not in str(caught.value)


def test_a_mistake_says_how_the_file_was_read(people: People) -> None:
    with pytest.raises(ParametersError) as caught:
        load(people("user;role\nBjörn;agent\n".encode("cp1252")))
    assert caught.value.why == "parameters/people.csv was read as Windows-1252, separated by semicolons."


def test_another_role_than_in_the_tenants_file_is_refused(people: People) -> None:
    path = people(PLAIN, users="    users:\n      - {user: Bo@fabrikam.com, role: admin}\n")
    with pytest.raises(ParametersError) as caught:
        load(path)
    assert caught.value.what.startswith("parameters/people.csv, line 3: gives user bo@fabrikam.com the role agent")
    assert "parameters/fabrikam.yaml the role admin" in caught.value.what


def test_of_very_many_mistakes_the_first_are_shown_and_all_are_counted(people: People) -> None:
    path = people("user,role\n" + "".join(f"nobody{number},agent\n" for number in range(3000)))
    path.write_text(path.read_text().replace("365", "3650"))
    with pytest.raises(ParametersError) as caught:
        load(path)
    lines = caught.value.what.splitlines()
    assert lines[0].startswith("parameters/fabrikam.yaml, line 20: signing.valid_days is 3650")
    assert lines[1].startswith("parameters/people.csv, line 2: user is not an address")
    assert len(lines) == 22
    assert lines[-1] == "… and 2,980 more in parameters/people.csv, 3,000 in all"


@pytest.mark.parametrize(
    ("csv", "words"),
    [
        ("poeple.csv", "assignments.csv names poeple.csv, which does not exist; did you mean people.csv?"),
        ("../people.csv", "assignments.csv is ../people.csv, which lies outside the parameters folder"),
        ("/people.csv", "assignments.csv is not the name of a file within the parameters folder"),
        ("people.xlsx", "assignments.csv does not end in .csv"),
        ("[people.csv]", "assignments.csv is a list; one text is meant"),
    ],
)
def test_a_csv_file_that_cannot_be_taken(people: People, csv: str, words: str) -> None:
    with pytest.raises(ParametersError) as caught:
        load(people(csv=csv))
    assert caught.value.what.splitlines() == [caught.value.what]
    assert caught.value.what.startswith(f"parameters/fabrikam.yaml, line 24: {words}")


def test_a_csv_lies_beside_the_file_that_names_it(people: People) -> None:
    path = people()
    shared = path.parent / "shared"
    shared.mkdir()
    (path.parent / "people.csv").rename(shared / "staff.csv")
    (shared / "base.yaml").write_text("tenant:\n  assignments:\n    csv: staff.csv\n")
    path.write_text(
        "extends: shared/base.yaml\n" + path.read_text().replace("    csv: people.csv\n", "    groups: []\n")
    )
    assert pairs(load(path)) == BOTH


@pytest.mark.parametrize(
    "key",
    [("assignments", "users"), ("assignments", "users", 0, "role"), ("assignments", "users", 7)],
    ids=["all", "one", "no such"],
)
def test_users_are_edited_in_the_csv(people: People, key: tuple[str | int, ...]) -> None:
    path = people()
    before = path.read_bytes()
    with pytest.raises(ParametersError, match=r"people come from parameters/people\.csv") as caught:
        save(path, {key: []})
    assert "Edit parameters/people.csv" in caught.value.fix
    assert path.read_bytes() == before


def test_users_as_they_are_and_everything_else_can_be_saved(people: People) -> None:
    path = people()
    users = [{"user": user, "role": role} for user, role in BOTH]
    tenant = save(path, {("assignments", "users"): users, ("signing", "valid_days"): 30})
    assert (pairs(tenant), tenant.signing.valid_days) == (BOTH, 30)
    assert "ada@fabrikam.com, role" not in path.read_text()
    assert pairs(save(path, {("assignments", "csv"): None})) == []


def test_values_laid_over_a_tenant_keep_its_people(people: People) -> None:
    tenant = load(people())
    laid = overlaid(tenant, {"signing": {"valid_days": 30}})
    assert (pairs(laid), laid.signing.valid_days, laid.assignments.csv) == (BOTH, 30, "people.csv")
    with pytest.raises(ParametersError, match=r"people come from people\.csv"):
        overlaid(tenant, {"assignments": {"users": []}})


def test_a_mapping_does_not_tell_where_a_csv_file_lies(people: People) -> None:
    given = load(people()).model_dump(mode="json", exclude_none=True)
    with pytest.raises(ParametersError, match=r"assignments\.csv cannot be read here") as caught:
        from_mapping(given)
    assert "flexsso run fabrikam" in caught.value.fix


@pytest.mark.full
def test_every_one_of_twenty_thousand_people_is_read(people: People) -> None:
    data = "user;role\r\n" + "".join(f'"p{number:05}@fabrikam.com";agent\r\n' for number in range(20_000))
    users = load(people(data)).assignments.users
    assert (len(users), users[19_999].user) == (20_000, "p19999@fabrikam.com")


def outcome(path: Path) -> Pairs | str:
    try:
        return pairs(load(path))
    except ParametersError as error:
        return error.what


ANY_FILE = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CELLS = st.sampled_from(["ada@b.com", "bo@b.com", "agent", "Admin", "", " ", '"', '""', "#", "a\tb", "\xa0", "é", "😀"])
TEXT = st.lists(st.sampled_from([",", ";", "\t", "\n", "\r\n", "\r"]) | CELLS | st.text(max_size=3), max_size=25)
FILES = st.binary(max_size=60) | st.builds(
    lambda header, parts, codec: (header + "".join(parts)).encode(codec, "replace"),
    st.sampled_from(["", "user,role\n", "user;role\n", "role\tuser\r\n", "sep=;\nuser;role\n"]),
    TEXT,
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"]),
)


@ANY_FILE
@given(data=FILES)
def test_any_bytes_are_people_or_a_message_with_the_file(people: People, data: bytes) -> None:
    found = outcome(people(data))
    if isinstance(found, str):
        assert found.startswith("parameters/people.csv")
    else:
        assert found
        assert {role for _, role in found} <= {"admin", "supervisor", "agent"}
        assert all("@" in user and user.isprintable() for user, _ in found)


ROWS = st.lists(
    st.tuples(st.from_regex(r"[a-z0-9.]{1,8}@b\.com", fullmatch=True), st.just("agent")), min_size=1, max_size=4
)


@ANY_FILE
@given(
    rows=ROWS, separator=st.sampled_from(",;\t"), codec=st.sampled_from(["utf-8-sig", "utf-16"]), quoting=st.booleans()
)
def test_what_pandas_writes_is_read_back(
    people: People, rows: Pairs, separator: str, codec: str, quoting: bool
) -> None:
    written = io.StringIO()
    table = pd.DataFrame(rows, columns=["user", "role"], dtype=str)
    table.to_csv(written, sep=separator, index=False, quoting=1 if quoting else 0)
    assert pairs(load(people(written.getvalue().encode(codec)))) == list(dict.fromkeys(rows))


FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How an entry begins that a spreadsheet may run: https://owasp.org/www-community/attacks/CSV_Injection."""
NAMES = st.builds("{}{}@b.com".format, st.text("=+-#'\uff1d|!a(1)", max_size=4), st.sampled_from("a1"))


def written_back(path: Path, users: list[str]) -> list[str]:
    """The first entries of the lines that stand in the CSV file once these users are saved."""
    save_people(path, [{"user": user, "role": "agent"} for user in users])
    whole = path.with_name("people.csv").read_text("utf-8-sig")
    return [line.split(whole[len("user")])[0] for line in whole.splitlines()[1:]]


@ANY_FILE
@given(users=st.lists(NAMES, min_size=1, max_size=4, unique=True), separator=st.sampled_from(",;\t"))
@example(
    users=["=HYPERLINK(1)@contoso.com", "+a@b.com", "-x@b.com", "'-x@b.com", "#b@b.com", "'a@b.com"], separator=","
)
def test_a_name_is_no_formula_in_the_file_and_comes_back_as_it_was(
    people: People, users: list[str], separator: str
) -> None:
    path = people(PLAIN.replace(",", separator))
    assert [each for each in written_back(path, users) if each.startswith((*FORMULA, "#"))] == []
    assert [user for user, _ in pairs(load(path))] == users


def test_a_name_that_is_no_formula_is_written_as_it_is(people: People) -> None:
    users = ["ada@b.com", "o'neil@b.com", "'a@b.com", "ada_b.com#EXT#@c.com", "a-b+c@b.com"]
    assert written_back(people(), users) == users


@pytest.mark.parametrize(
    ("users", "told"),
    [([], "no person stands below it"), ([{"user": "a\u202eb@b.com", "role": "agent"}], "an invisible character")],
    ids=["nobody", "what is not seen"],
)
def test_a_list_that_could_not_be_read_back_is_not_written(people: People, users: list[Any], told: str) -> None:
    path = people()
    with pytest.raises(ParametersError, match=f"people.csv, line [12]: (?s:.)*{told}(?s:.)*Nothing was saved"):
        save_people(path, users)
    assert path.with_name("people.csv").read_text("utf-8") == PLAIN


INSIGHTS = "user,role,insights_role,insights_role\nada@fabrikam.com,admin,wfo.full_access,WFO.data_analyst\n"


def with_insights(path: Path) -> Path:
    path.write_text(path.read_text().replace("  assignments:\n", "  insights: true\n  assignments:\n", 1))
    return path


@pytest.mark.parametrize("behind", ["", ",", ",,", ";;"], ids=["nothing", "one-comma", "two-commas", "semicolons"])
def test_insights_roles_stand_in_columns_of_their_own(people: People, behind: str) -> None:
    data = INSIGHTS + "bo@fabrikam.com,agent" + behind.replace(";", ",") + "\n"
    path = with_insights(people(data.replace(",", ";") if ";" in behind else data))
    found = [(entry.role, entry.insights) for entry in load(path).assignments.users]
    assert found == [("admin", ("wfo.full_access", "wfo.data_analyst")), ("agent", ())]


INSIGHTS_MISTAKES = {
    "for an agent": ("bo@fabrikam.com,agent,wfo.full_access\n", "opens only to supervisor or admin"),
    "misspelt": ("bo@fabrikam.com,admin,wfo.teamleader\n", "did you mean wfo.team_leader?"),
    "others before": ("ada@fabrikam.com,admin,wfo.full_access\n", "other Insights roles than line 2"),
    "too many entries": ("bo@fabrikam.com,admin,wfo.full_access,,x\n", "has 5 entries"),
}


@pytest.mark.parametrize(("line", "words"), INSIGHTS_MISTAKES.values(), ids=INSIGHTS_MISTAKES.keys())
def test_a_mistake_with_insights_roles_is_named_by_line(people: People, line: str, words: str) -> None:
    with pytest.raises(ParametersError) as caught:
        load(with_insights(people(INSIGHTS + line)))
    assert caught.value.what.startswith("parameters/people.csv, line 3: ")
    assert words in caught.value.what


def test_insights_roles_that_the_tenant_does_not_offer_are_refused_in_the_csv_file(people: People) -> None:
    with pytest.raises(ParametersError, match=r"people.csv, line 2: .*does not offer"):
        load(people(INSIGHTS))
