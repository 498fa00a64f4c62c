"""Every judge's verdict on every case, side by side: run with -s to see the table."""

import pytest
from matrix import EXPLAINED, Case, cases, reason, unused
from outside import Judge, Said

from flexsso_helpers.commands.judge import judge_given

pytestmark = [pytest.mark.interop, pytest.mark.full]
Row = tuple[Case, dict[str, Said]]
OURS = "ours"
CLAIMS = ("email", "full_name", "roles")


@pytest.fixture(scope="module")
def table(judges: dict[str, Judge]) -> list[Row]:
    """Everybody is asked once."""
    return [(case, {name: judge(case.asked) for name, judge in judges.items()}) for case in cases()]


def differing(table: list[Row]) -> list[tuple[str, Case, Said]]:
    """Judge, case and what was said, wherever that is not our verdict."""
    return [
        (name, case, said)
        for case, verdicts in table
        for name, said in verdicts.items()
        if said.accepted != verdicts[OURS].accepted
    ]


def shown(table: list[Row]) -> str:
    """The verdict table, then the reasons by judge."""
    names = list(table[0][1])
    lines = [f"{'case':46}{'is':6}{'check':7}" + "".join(f"{name:18}" for name in names)]
    for case, verdicts in table:
        ours = verdicts[OURS].accepted
        marks = [
            f"{('accepts' if said.accepted else 'refuses') + (' ≠' if said.accepted != ours else ''):18}"
            for said in verdicts.values()
        ]
        lines.append(f"{case.name:46}{case.kind:6}{case.check:7}" + "".join(marks).rstrip())
    for name, reasons in EXPLAINED.items():
        told = [(case, said) for judge, case, said in differing(table) if judge == name]
        lines.append(f"\n{name}: {len(told)} of {len(table)} differ")
        for why in reasons:
            about = [case.name for case, _ in told if reason(name, case) == why]
            lines.append(f"  {len(about):3}  {why}: {'; '.join(about)}")
    return "\n".join(lines)


def test_the_verdict_table(table: list[Row]) -> None:
    print("\n" + shown(table))
    assert {kind for case, _ in table for kind in [case.kind]} == {"good", "weak", "bad"}
    assert len({case.name for case, _ in table}) == len(table) > 100


def test_a_good_response_is_accepted_by_everybody(table: list[Row]) -> None:
    refused = [
        (case.name, name, said.words)
        for case, verdicts in table
        for name, said in verdicts.items()
        if case.kind == "good" and not said.accepted
    ]
    assert refused == []


def test_a_bad_response_is_refused_by_ours_whatever_others_say(table: list[Row]) -> None:
    assert [case.name for case, verdicts in table if case.kind == "bad" and verdicts[OURS].accepted] == []


def test_a_weak_response_is_accepted_by_ours_and_its_weakness_said(table: list[Row]) -> None:
    for case, verdicts in table:
        if case.kind != "weak":
            continue
        found = judge_given(case.asked.xml, case.expected).judgement.findings
        warned = {finding.check for finding in found if finding.state == "wrong" and finding.level == "warning"}
        assert (case.name, verdicts[OURS].accepted) == (case.name, True)
        assert case.check in {*warned, ""}, case.name


def test_every_difference_is_explained(table: list[Row]) -> None:
    unexplained = [(name, case.name, said.words) for name, case, said in differing(table) if not reason(name, case)]
    assert unexplained == []


def test_no_explanation_is_stale(table: list[Row]) -> None:
    told: dict[str, list[Case]] = {}
    for name, case, _ in differing(table):
        told.setdefault(name, []).append(case)
    assert unused(told) == []


def test_who_accepts_a_good_response_reads_the_same_person_and_claims(table: list[Row]) -> None:
    for case, verdicts in table:
        if case.kind != "good":
            continue
        wanted = verdicts[OURS]
        for name, said in verdicts.items():
            if said.name_id is None:
                assert name == "xmlsec1"  # it verifies, and reads nothing
                continue
            assert (case.name, name, said.name_id) == (case.name, name, wanted.name_id)
            for claim in CLAIMS:
                assert (name, claim, _values(said, claim)) == (name, claim, _values(wanted, claim))


def test_nobody_takes_a_name_with_a_comment_inside_for_its_beginning(table: list[Row]) -> None:
    """The reason why those who accept it may be left alone: they read what was signed."""
    ((_, verdicts),) = [row for row in table if row[0].name == "comment in NameID before signing"]
    read = {said.name_id for said in verdicts.values() if said.accepted and said.name_id is not None}
    assert read == {"ada@contoso.com.evil"}


def _values(said: Said, claim: str) -> list[str]:
    """Some give one value as a text, some as a list."""
    value = said.attributes.get(claim, [])
    return [value] if isinstance(value, str) else list(value)
