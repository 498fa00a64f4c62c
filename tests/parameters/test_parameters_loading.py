"""The text itself, names and paths, and mappings as papermill injects them."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flexsso_helpers import parameters
from flexsso_helpers.errors import ParametersError
from flexsso_helpers.parameters import Tenant, find, from_mapping, load, open_tenant, shapes
from flexsso_helpers.parameters.files import read_bytes

Write = Callable[[str | bytes], Path]
ROOT = Path(__file__).parents[2]

TEXTS = {
    "no": ('"Fabrikam"', "no", 3, 'title is written no, which is not read as text by every program; write "no"'),
    "NO": ('"Fabrikam"', "NO", 3, 'write "NO" in quotes'),
    "on": ('"Fabrikam"', "on", 3, 'write "on" in quotes'),
    "octal": ('"Fabrikam"', "0123", 3, 'write "0123" in quotes'),
    "base 60": ('"Fabrikam"', "12:30", 3, 'write "12:30" in quotes'),
    "underscores": ('"Fabrikam"', "1_000", 3, 'write "1_000" in quotes'),
    "float in one version": ('"Fabrikam"', "1e5", 3, 'write "1e5" in quotes'),
    "date": ('"Fabrikam"', "2026-11-02", 3, 'write "2026-11-02" in quotes'),
    "impossible date": ('"Fabrikam"', "2026-02-31", 3, 'write "2026-02-31" in quotes'),
    "equals sign": ('"Fabrikam"', "=", 3, 'write "=" in quotes'),
    "in a list": ("test_sign_ons: [ada@fabrikam.com]", "test_sign_ons: [off]", 27, "test_sign_ons[1] is written off"),
    "at a switch": ("apply: false", "apply: off", 6, "apply is written off; write false"),
    "at another switch": ("apply: false", "apply: Yes", 6, "apply is written Yes; write true"),
    "at a number": ("365", "0365", 20, "signing.valid_days is written 0365, which is not read the same"),
    "colon in a list": ("[ada@fabrikam.com]", "[:ada@fabrikam.com]", 27, "is not read the same by every program; put"),
    "in a key": ("  name_id: mail", "  on: mail", 18, "has a key that is not read as text"),
    "number as key": ("  name_id: mail", "  12: mail", 18, "has a key that is not read as text"),
    "key twice": ("  name_id: mail", "  name_id: mail\n  name_id: mail", 19, "a second time (first in line 18)"),
    "block twice": (
        "  name_id: mail",
        "  flex:\n    x: {y: [1]}",
        18,
        "flex stands here a second time (first in line 11)",
    ),
    "anchor": ("flex:", "flex: &shared", 11, "flex has an anchor (&name)"),
    "alias": ("name_id: mail", "name_id: *mail", 18, "name_id refers to another place (*name)"),
    "merge key": ("name_id: mail", "<<: {name_id: mail}", 18, "has a merge key (<<)"),
    "type tag": ('"Fabrikam"', "!!str Fabrikam", 3, "title has a type tag (!name)"),
    "own tag": ('"Fabrikam"', "!secret Fabrikam", 3, "title has a type tag (!name)"),
    "key of lists": ("  name_id: mail", "  [a, b]: mail", 18, "has a key that is not a simple word"),
    "second document": ("  test_sign_ons: [ada@fabrikam.com]\n", "---\ntenant:\n", 27, "begins a second document"),
    "directive": ("tenant:\n", "%YAML 1.1\n---\ntenant:\n", 2, "has a % directive"),
    "tab": ("  name_id: mail", "\tname_id: mail", 18, "has a tab; YAML wants blanks"),
    "colon in a text": ('"Fabrikam"', "Fabrikam: the firm", 3, "has a colon where none can be: put a text"),
    "quote not closed": ('"Fabrikam"', '"Fabrikam', 3, "opens a quote or bracket that is never closed"),
    "last quote not closed": ("[ada@fabrikam.com]\n", "'ada", 27, "opens a quote or bracket that is never closed"),
    "quote in a quote": ('"Fabrikam"', "'Fabri's'", 3, "look for a quote inside a text"),
    "bracket not closed": (
        "[admin, supervisor, agent]",
        "[admin, supervisor",
        22,
        "opens a bracket that is not closed",
    ),
    "colon left out": ("name_id: mail", "name_id mail", 18, "has a key without its colon"),
    "list in a line": ('"Fabrikam"', "- Fabrikam", 3, "has a hyphen where no list can begin"),
    "at sign": ('"Fabrikam"', "@Fabrikam", 3, "begins a text with a character that means something"),
    "ampersand": ('"Fabrikam"', "& Sons", 3, "has a character that means something in YAML; put"),
    "indentation": ("  cloud: global", "   cloud: global", 4, "compare the indentation"),
    "backslash": ('"Fabrikam"', '"Fabri\\kam"', 3, "has a backslash in double quotes"),
    "impossible character": ('"Fabrikam"', '"\\UFFFFFFFF"', 0, "cannot be read as YAML; look for a backslash"),
    "control character": ('"Fabrikam"', '"Fabri\x07kam"', 0, "has an invisible control character"),
    "too deep": ('"Fabrikam"', "[" * 500, 3, "is nested too deeply"),
    "other key at the top": ("tenant:\n", "apply: true\ntenant:\n", 1, "apply stands beside tenant"),
    "no tenant": ("tenant:\n", "customer:\n", 1, "tenant: is missing; it is the key at the top"),
}


def test_a_byte_order_mark_harms_nobody(fabrikam: Write, good: str) -> None:
    path = fabrikam(good)
    plain = load(path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load(path) == plain


@pytest.mark.parametrize(
    ("sign", "named"),
    [
        ("\xa0", "U+00A0, no-break space"), ("\u200b", "U+200B, zero width space"), ("\xad", "U+00AD, soft hyphen"),
        ("\u200e", "U+200E, left-to-right mark"), ("\u2060", "U+2060, word joiner"),
        ("\u202f", "U+202F, narrow no-break space"), ("\ufeff", "U+FEFF, zero width no-break space"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "value", ["Fabrikam", "ada@fabrikam.com", "https://login.flex.us1.twilio.com/login/callback?connection=JQ"]
)
def test_what_nobody_sees_is_named_with_the_value_without_it(
    fabrikam: Write, good: str, value: str, sign: str, named: str
) -> None:
    assert value in good
    with pytest.raises(ParametersError) as caught:
        load(fabrikam(good.replace(value, value[:3] + sign + value[3:], 1)))
    bare = value if sign.isspace() is False or value != "Fabrikam" else "Fab rikam"
    assert f"has an invisible character at its character 4 ({named}); without it: {bare}" in caught.value.what
    assert "line " in caught.value.what


@pytest.mark.parametrize(("old", "new", "line", "words"), TEXTS.values(), ids=TEXTS.keys())
def test_text_that_programs_read_differently_or_not_at_all(
    fabrikam: Write, good: str, old: str, new: str, line: int, words: str
) -> None:
    assert old in good
    with pytest.raises(ParametersError) as caught:
        load(fabrikam(good.replace(old, new, 1)))
    place = f"parameters/fabrikam.yaml, line {line}: " if line else "parameters/fabrikam.yaml "
    hits = [text for text in caught.value.what.splitlines() if words in text and text.startswith(place)]
    assert hits, caught.value.what


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "fabrikam.yaml is empty; start from contoso.example.yaml"),
        (b"# nothing but a comment\n", "is empty"),
        (b"---\n...\n", "is empty"),
        (b"tenant:\n", "line 1: tenant: has no keys below it"),
        (b"- tenant\n", "line 1: tenant: is missing"),
        (b"just a text", "line 1: tenant: is missing"),
        ("tenant:\n".encode("utf-16"), "line 1: is stored as UTF-16"),
        (b"tenant:\n  title: Caf\xe9\n", "line 2: has a character that is not UTF-8"),
        (b"#" * 1_000_001, "is larger than a megabyte"),
    ],
    ids=["empty", "comment", "empty document", "no keys", "list", "text", "UTF-16", "Latin-1", "huge"],
)
def test_files_that_hold_no_tenant(fabrikam: Write, data: bytes, words: str) -> None:
    with pytest.raises(ParametersError, match=re.escape(words)):
        load(fabrikam(data))


def test_windows_line_ends_are_fine(fabrikam: Write, good: str) -> None:
    assert load(fabrikam(good.replace("\n", "\r\n"))).title == "Fabrikam"


def test_a_relative_path_is_named_as_given_and_an_absolute_one_without_the_machine(
    fabrikam: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = fabrikam("tenant: 1")
    with pytest.raises(ParametersError) as caught:
        load(path)
    assert caught.value.what.startswith("parameters/fabrikam.yaml, line 1:")
    monkeypatch.chdir(path.parent)
    with pytest.raises(ParametersError) as caught:
        load("fabrikam.yaml")
    assert caught.value.what.startswith("fabrikam.yaml, line 1:")


def test_a_missing_file_lists_the_names_that_exist(fabrikam: Write) -> None:
    folder = fabrikam("").parent
    (folder / "contoso.yaml").touch()
    with pytest.raises(ParametersError) as caught:
        find("fabrikan", folder=folder)
    assert caught.value.what == "parameters/fabrikan.yaml does not exist."
    assert caught.value.why == "Names that exist: contoso, fabrikam."
    assert caught.value.fix == "Did you mean fabrikam?"
    with pytest.raises(ParametersError, match="does not exist"):
        load(folder / "nobody.yaml")


@pytest.mark.parametrize("name", ["", ".", "../etc/passwd", "a\0b", "x" * 5000, "/", "*", "no such.yaml"])
def test_a_name_that_cannot_be_a_file_is_refused_kindly(tmp_path: Path, name: str) -> None:
    with pytest.raises(ParametersError):
        open_tenant(name, tmp_path)
    with pytest.raises(ParametersError):
        load(tmp_path / name)


def test_a_tenant_is_found_by_name_and_by_path(fabrikam: Write, good: str) -> None:
    path = fabrikam(good)
    by_name = open_tenant("fabrikam", path.parent)
    assert by_name == open_tenant(str(path), "elsewhere") == open_tenant(path, "elsewhere")
    assert by_name[1] == path


def test_a_mapping_gives_the_same_tenant_as_its_file(fabrikam: Write, good: str) -> None:
    assert open_tenant(yaml.safe_load(good)["tenant"], "nowhere") == (load(fabrikam(good)), None)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("title",), False, "title is true or false; text is meant: write it in quotes"),
        (("test_sign_ons",), [15551234567], "test_sign_ons[1] is a number; text is meant"),
        (("flex", "account_sid"), "ACxxxxxxxx", "flex.account_sid is still a placeholder"),
        (("tenant_id",), None, "tenant_id is empty"),
        (("titel",), "x", "titel is unknown; did you mean title?"),
        (("title",), {1, 2}, "title is neither text nor a number"),
        (("title",), b"bytes", "title is neither text nor a number"),
        (("sign_in",), {True: 1}, "sign_in has a key that is not text"),
        (("signing", "valid_days"), True, "signing.valid_days is true or false; write a whole number"),
        (("extends",), "other", "extends cannot be followed here"),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else "",
)
def test_a_mapping_is_refused_by_key(good: str, path: tuple[str, ...], value: Any, words: str) -> None:
    mapping = inner = yaml.safe_load(good)["tenant"]
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    with pytest.raises(ParametersError) as caught:
        from_mapping(mapping)
    assert caught.value.what.startswith(words)
    assert "yaml" not in caught.value.what


def test_mappings_that_cannot_be_a_tenant(good: str) -> None:
    loop: dict[str, Any] = {}
    loop["title"] = loop
    with pytest.raises(ParametersError, match="nested too deeply"):
        from_mapping(loop)
    with pytest.raises(ParametersError, match="give what stands below"):
        from_mapping(yaml.safe_load(good))
    with pytest.raises(ParametersError, match="flexsso run NAME"):
        from_mapping({"extends": "base"})
    with pytest.raises(ParametersError, match="in quotes"):
        open_tenant(None, "parameters")  # type: ignore[arg-type]


def outcome(path: Path) -> Tenant | str:
    try:
        return load(path)
    except ParametersError as error:
        return error.what


ANY_FILE = settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SNIPPETS = st.lists(
    st.sampled_from([*"-:?,[]{}#&*!|>'\"%@`\n \t~=<.", "  ", "\n  ", ": ", "- ", "tenant:", "name", "no", "0o7", "0b_"])
    | st.characters(),
    max_size=30,
).map("".join)


@ANY_FILE
@given(text=SNIPPETS | st.binary(max_size=40))
def test_any_text_is_a_tenant_or_a_plain_message(fabrikam: Write, text: str | bytes) -> None:
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    result = outcome(fabrikam(data))
    assert isinstance(result, str)
    assert result.startswith("parameters/fabrikam.yaml")


@ANY_FILE
@given(data=st.data(), snippet=SNIPPETS)
def test_any_damage_gives_a_message_and_what_loads_papermill_reads_alike(
    fabrikam: Write, good: str, data: st.DataObject, snippet: str
) -> None:
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(len(good), start + 8)))
    text = good[:start] + snippet + good[end:]
    result = outcome(fabrikam(text.encode("utf-8", "surrogatepass")))
    if isinstance(result, Tenant):
        assert from_mapping(yaml.safe_load(text)["tenant"]) == result


@pytest.mark.parametrize("name", ["rehearsal", "contoso.example"])
def test_the_files_that_come_with_the_project_load(name: str) -> None:
    tenant, path = open_tenant(name, ROOT / "parameters")
    assert path is not None
    assert tenant.name == name.removesuffix(".example")
    assert tenant.rehearsal is tenant.apply is (name == "rehearsal")
    assert path.read_text().startswith("# yaml-language-server: $schema=./schema.json\n")


def test_the_public_names_are_the_ones_listed() -> None:
    assert len(set(parameters.__all__)) == len(parameters.__all__)
    assert all(hasattr(parameters, name) for name in parameters.__all__)


@pytest.mark.parametrize("name", ["con", "nul", "aux", "com1", "lpt9"])
def test_a_name_that_windows_keeps_for_a_device_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a device"):
        shapes.slug(name)
    assert shapes.slug(f"{name}-emea") == f"{name}-emea"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_and_a_device_are_no_tenants_file_and_nobody_waits_for_them(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    for path in (tmp_path / "pipe.yaml", Path("/dev/zero"), tmp_path):
        with pytest.raises(ParametersError) as caught:
            read_bytes(path)
        assert (bool(caught.value.why), bool(caught.value.fix)) == (True, True)
