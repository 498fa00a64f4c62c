"""A file that extends another: what is taken over, where each value stands, and where an edit goes."""

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import papermill
import pytest
import yaml
from papermill.exceptions import PapermillExecutionError

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.parameters import Tenant, load, save, schema

Files = Callable[..., Path]

BASE = """\
tenant:
  cloud: global
  tenant_id: 1b4e28ba-2fa1-41d2-883f-0016d3cca427
  sign_in:
    method: browser
    user: ada@fabrikam.com
  flex:
    api_key: SK2a0747eba6abf96b7e3c3ff0b4530f6e
    api_secret: "env:FLEX_SECRET"
  name_id: userprincipalname
  signing:
    valid_days: 365
    notification_addresses: [owners@fabrikam.com, more@fabrikam.com]
"""
OWN = """\
extends: base.yaml
tenant:
  name: fabrikam
  title: "Fabrikam"  # kept
  flex:
    account_sid: AC5ef8732a3c49700934481addd5ce1659
"""
CONNECTION = """\
    connection:
      reply_url: https://login.flex.us1.twilio.com/login/callback?connection=JQ9a0364b9e99bb480dd25e1f0284c8555
      identifier: urn:flex:JQ9a0364b9e99bb480dd25e1f0284c8555
"""


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Writes fabrikam.yaml, base.yaml and others by name into one folder; returns the path of fabrikam.yaml."""

    def write(own: str = OWN, base: str = BASE, **others: str) -> Path:
        folder = tmp_path / "parameters"
        texts = {"fabrikam.yaml": own, "base.yaml": base} | {f"{name}.yaml": text for name, text in others.items()}
        for name, text in texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        return folder / "fabrikam.yaml"

    return write


def said(path: Path) -> str:
    with pytest.raises(ParametersError) as caught:
        load(path)
    return caught.value.what


def test_blocks_merge(files: Files) -> None:
    tenant = load(files())
    assert (tenant.name, tenant.name_id) == ("fabrikam", "userprincipalname")
    assert tenant.flex.account_sid == "AC5ef8732a3c49700934481addd5ce1659"
    assert tenant.flex.api_secret == "env:FLEX_SECRET"


@pytest.mark.parametrize(
    ("more", "read", "value"),
    [
        ("  signing: {valid_days: 30}", lambda t: t.signing.valid_days, 30),
        ("  signing: {valid_days: 30}", lambda t: len(t.signing.notification_addresses), 2),
        ("  signing: {notification_addresses: [a@b.com]}", lambda t: t.signing.notification_addresses, ("a@b.com",)),
        ("  signing: {notification_addresses: []}", lambda t: t.signing.notification_addresses, ()),
        ("  signing:", lambda t: (t.signing.valid_days, t.signing.notification_addresses), (1095, ())),
        ("  name_id: null", lambda t: t.name_id, "mail"),
        ("  sign_in: {user: null}", lambda t: t.sign_in.user, None),
        ("  sign_in: {user: null}", lambda t: t.sign_in.method, "browser"),
    ],
    ids=["value", "beside it", "list", "empty list", "null block", "null value", "null inside", "beside null"],
)
def test_lists_replace_and_null_takes_away(
    files: Files, more: str, read: Callable[[Tenant], object], value: object
) -> None:
    assert read(load(files(OWN + more))) == value


def test_a_chain_is_followed_from_folder_to_folder(files: Files) -> None:
    middle = "extends: ../base.yaml\ntenant:\n  signing: {valid_days: 7}\n  name_id: null\n"
    path = files(OWN.replace("base.yaml", "shared/middle.yaml"), **{"shared/middle": middle})
    tenant = load(path)
    assert (tenant.signing.valid_days, tenant.name_id) == (7, "mail")
    assert len(tenant.signing.notification_addresses) == 2
    assert load(files(OWN.replace("base", "shared/middle") + "  name_id: userprincipalname\n")).name_id != "mail"


def test_who_a_tenant_is_and_what_was_done_in_its_console_is_never_taken_over(files: Files) -> None:
    base = BASE + '  name: base\n  attested:\n    sign_on: {at: "2026-11-02T08:00:00Z", by: Ada, users: [a@b.com]}\n'
    assert load(files(base=base)).attested is None
    what = said(files(OWN.replace("  name: fabrikam\n", ""), base))
    assert what.startswith("parameters/fabrikam.yaml, line 2: name is missing")


def test_the_connection_of_another_account_is_not_taken_over(files: Files) -> None:
    base = BASE.replace("  name_id", CONNECTION + "  name_id")
    assert load(files(base=base)).flex.connection is None
    shared = base.replace("    api_key", "    account_sid: AC5ef8732a3c49700934481addd5ce1659\n    api_key")
    assert load(files("extends: base.yaml\ntenant:\n  name: fabrikam\n  title: F\n", shared)).flex.connection


@pytest.mark.parametrize(
    ("own", "base", "begins"),
    [
        (("", ""), ("global", "globall"), "parameters/base.yaml, line 2: cloud is “globall”"),
        (("", ""), ("365", "0365"), "parameters/base.yaml, line 12: signing.valid_days is written 0365"),
        (
            ("", ""),
            ("owners@", "owners at "),
            "parameters/base.yaml, line 13: signing.notification_addr",
        ),
        (("", ""), ("name_id", "nameid"), "parameters/base.yaml, line 10: nameid is unknown; did you mean name_id?"),
        (("", ""), ("  cloud: global\n", ""), "parameters/fabrikam.yaml, line 2: cloud is missing"),
        (
            ("", ""),
            ("    api_key: SK2a0747eba6abf96b7e3c3ff0b4530f6e\n", ""),
            "parameters/fabrikam.yaml, line 5: flex",
        ),
        (("  flex:", "  cloud: null\n  flex:"), ("", ""), "parameters/fabrikam.yaml, line 5: cloud is missing"),
        (("  flex:", "  titel: null\n  flex:"), ("", ""), "parameters/fabrikam.yaml, line 5: titel is unknown"),
        (("  flex:", "  apply: true\n  flex:"), ("", ""), "parameters/fabrikam.yaml, line 5: apply is true in"),
        (("", ""), ("  cloud:", "  apply: true\n  cloud:"), "parameters/base.yaml, line 2: apply is true in"),
        (("", ""), ("method: browser", "method: client_secret"), "parameters/base.yaml, line 4: sign_in.client_id is"),
        (("", ""), ("tenant:\n", "tenant:\n  title: no\n"), "parameters/base.yaml, line 2: title is written no"),
        (("", ""), ("tenant:", "customer:"), "parameters/base.yaml, line 1: tenant: is missing"),
        (("", ""), (BASE, "tenant:\n"), "parameters/base.yaml, line 1: tenant: has no keys below it"),
        (("", ""), ("tenant:\n", "tenant\n"), "parameters/base.yaml, line 2: has a colon where none can be"),
        (("fabrikam\n", "fabrikan\n"), ("", ""), "parameters/fabrikam.yaml, line 3: name is fabrikan, but the file"),
    ],
)
def test_an_error_has_the_file_and_line_where_the_value_stands(
    files: Files, own: tuple[str, str], base: tuple[str, str], begins: str
) -> None:
    what = said(files(OWN.replace(*own, 1), BASE.replace(*base, 1)))
    assert any(line.startswith(begins) for line in what.splitlines()), what


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("bass.yaml", "extends names bass.yaml, which does not exist; did you mean base.yaml?"),
        ("base", "extends does not end in .yaml; write the whole name"),
        ("../base.yaml", "extends is ../base.yaml, which lies outside the parameters folder"),
        ("shared/../../base.yaml", "lies outside the parameters folder"),
        ("/etc/base.yaml", "is not the name of a file within the parameters folder"),
        ("~/base.yaml", "is not the name of a file within the parameters folder"),
        ("https://fabrikam.com/base.yaml", "is not the name of a file within"),
        ("shared\\base.yaml", "has a backslash; write / between folder and file"),
        ("link.yaml", "is link.yaml, which lies outside the parameters folder"),
        ("loop.yaml", "lies outside the parameters folder"),
        ("[base.yaml]", "extends names one file as text, such as base.yaml"),
        ("", "extends names one file as text"),
        ("fabrikam.yaml", "in a circle: parameters/fabrikam.yaml › parameters/fabrikam.yaml"),
    ],
)
def test_what_cannot_be_followed(files: Files, name: str, words: str) -> None:
    path = files(OWN.replace("base.yaml", name, 1))
    (path.parents[1] / "base.yaml").write_text(BASE)
    (path.parent / "link.yaml").symlink_to(path.parents[1] / "base.yaml")
    (path.parent / "loop.yaml").symlink_to("loop.yaml")
    what = said(path)
    assert words in what
    assert what.startswith("parameters/fabrikam.yaml, line 1: extends ")
    assert "\n" not in what


def test_a_longer_circle_is_named_where_it_closes(files: Files) -> None:
    what = said(files(base="extends: fabrikam.yaml\n" + BASE))
    assert what.startswith("parameters/base.yaml, line 1: extends leads back to parameters/fabrikam.yaml, in a circle")


def test_a_secret_is_refused_even_in_a_value_that_is_not_used(files: Files) -> None:
    what = said(files(base=BASE + "  title: 0123456789abcdef0123456789abcdef\n"))
    assert what.startswith("parameters/base.yaml, line 14: title looks like a secret")
    assert "0123456789abcdef" not in what


def test_a_linked_file_takes_over_from_where_it_lies(files: Files, tmp_path: Path) -> None:
    link = tmp_path / "here" / "fabrikam.yaml"
    link.parent.mkdir()
    link.symlink_to(files())
    assert load(link) == load(files())


@pytest.mark.parametrize(
    ("key", "value", "added"),
    [
        (("signing", "valid_days"), 30, "  signing:\n    valid_days: 30\n"),
        (("signing", "valid_days"), 365, ""),
        (("signing", "notification_addresses", 1), None, "  signing:\n    notification_addresses:\n      - owners@f"),
        (("sign_in", "user"), None, "  sign_in:\n    user: null\n"),
        (("flex", "connection"), yaml.safe_load(CONNECTION)["connection"], CONNECTION),
    ],
    ids=["value", "same value", "an entry of a list", "taken away", "block"],
)
def test_an_edit_goes_into_the_file_that_was_opened(
    files: Files, key: tuple[str | int, ...], value: object, added: str
) -> None:
    path = files()
    tenant = save(path, {key: value})
    text = path.read_text()
    assert text.startswith(OWN)
    assert text.removeprefix(OWN).startswith(added)
    assert bool(text.removeprefix(OWN)) is bool(added)
    assert load(path) == tenant
    assert (path.parent / "base.yaml").read_text() == BASE


def test_taking_away_can_be_taken_back(files: Files) -> None:
    path = files()
    assert save(path, {("sign_in", "user"): None}).sign_in.user is None
    assert save(path, {("sign_in", "user"): "bo@fabrikam.com"}).sign_in.user == "bo@fabrikam.com"
    assert save(path, {("sign_in", "user"): None}).sign_in.user is None
    assert load(path).sign_in.method == "browser"


def test_what_would_not_load_with_its_base_is_not_saved(files: Files) -> None:
    path = files()
    with pytest.raises(ParametersError, match=r"sign_in\.client_id is missing"):
        save(path, {("sign_in", "method"): "client_secret"})
    assert path.read_text() == OWN


@pytest.mark.kernel
def test_papermill_without_the_base_is_refused_even_when_the_file_is_complete_without_it(
    tmp_path: Path, good: str
) -> None:
    show = "from flexsso_helpers.parameters import open_tenant\nprint(open_tenant(tenant, '.')[0].title)"
    cells = [("tenant = ''", ["parameters"]), (show, [])]
    notebook = {
        "cells": [
            {"cell_type": "code", "metadata": {"tags": tags}, "source": source, "outputs": [], "execution_count": None}
            for source, tags in cells
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    (tmp_path / "in.ipynb").write_text(json.dumps(notebook))
    run = {"input_path": tmp_path / "in.ipynb", "output_path": tmp_path / "out.ipynb", "progress_bar": False}
    with pytest.raises(PapermillExecutionError) as caught:
        papermill.execute_notebook(**run, parameters=yaml.safe_load("extends: base.yaml\n" + good))
    assert "The injected file extends base.yaml, which papermill does not read." in str(caught.value)
    assert "flexsso run fabrikam" in str(caught.value)


def test_an_editor_wants_whole_files_and_takes_parts_where_another_file_is_extended(good: str) -> None:
    validator = jsonschema.Draft7Validator(schema())
    assert validator.is_valid(yaml.safe_load(OWN))
    assert not validator.is_valid(yaml.safe_load(OWN.replace("extends: base.yaml\n", "")))
    assert not validator.is_valid(yaml.safe_load(OWN.replace("title:", "titel:")))
    assert not validator.is_valid(yaml.safe_load(OWN.replace("base.yaml", "/base.yaml")))
    assert not validator.is_valid(yaml.safe_load(OWN + "  assignments: {users: [{user: a@b.com}]}\n"))
    for line in ("    api_key: SK2a0747eba6abf96b7e3c3ff0b4530f6e\n", '  title: "Fabrikam"\n', CONNECTION[-60:]):
        assert line in good
        assert not validator.is_valid(yaml.safe_load(good.replace(line, "")))
