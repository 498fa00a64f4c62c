"""`flexsso undo` and `flexsso people`: what they print, as cards and as JSON, how they end, and wrong use."""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from onboarding import onboard
from stage import Stage

from flexsso_helpers.commands import main, one_step

Command = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A tenant whose application was just made; its ledger lies beside the next runs."""
    stage = Stage(tmp_path_factory.mktemp("begun"))
    asyncio.run(onboard(stage, until="01"))
    return stage


@pytest.fixture
def command(begun: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command over that tenant: its exit code, and what stands on its standard output."""

    async def opened(_name: str, *, apply: bool, folder: Path) -> Any:
        session = await begun.open(apply=apply)
        session.may_remove = json.loads((folder / "run.json").read_text("utf-8"))["allow_removals"]
        print("To sign in, open the page and enter the code ABC.")
        return session

    monkeypatch.setattr(one_step, "open_session", opened)
    monkeypatch.setattr(one_step.places, "new_run_folder", lambda _name: begun.folder)

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["flexsso", *arguments])
        with pytest.raises(SystemExit) as ended:
            main.main()
        return int(ended.value.code or 0), capsys.readouterr().out

    return run


def test_an_undo_plans_then_asks_for_removals_by_their_own_word_then_has_nothing_to_do(command: Command) -> None:
    code, text = command("undo", "rehearsal")
    assert code == 2
    assert "Enterprise application “Twilio Flex”" in text
    assert "enter the code" not in text
    code, text = command("undo", "rehearsal", "--apply", "--json")
    record = json.loads(text)
    assert (code, record["outcome"], record["made"]) == (2, 2, [])
    assert record["why_not"] == "removals are approved one by one"
    assert [each["kind"] for each in record["planned"]] == ["-"]
    code, text = command("undo", "rehearsal", "--apply", "--allow-removals", "--json")
    record = json.loads(text)
    assert (code, record["made"]) == (2, ["Enterprise application “Twilio Flex”"])
    assert (record["tenant"], record["notebook"], record["rehearsal"]) == ("rehearsal", "29", True)
    code, text = command("undo", "rehearsal", "--json")
    assert (code, json.loads(text)["planned"]) == (0, [])


def test_people_takes_the_file_that_it_is_given(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("user,role\nrhea.reader@contoso.com,agent\n", "utf-8")
    code, text = command("people", "rehearsal", str(file), "--json")
    record = json.loads(text)
    assert code == 2
    assert record["remarks"][0] == "The list is that of the form."
    assert "User rhea.reader@contoso.com" in [each["setting"] for each in record["planned"]]


def test_a_file_with_a_bad_line_is_a_wrong_use_and_nothing_is_opened(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("user,role\nrhea.reader@contoso.com,agnet\n", "utf-8")
    assert command("people", "rehearsal", str(file)) == (64, "")
    assert command("people", "rehearsal", str(tmp_path / "none.csv")) == (64, "")
    assert command("undo", "nobody") == (64, "")
