"""Workers are found by the person that they are of, whatever the letter case, and the surest comes first."""

from flexsso_helpers.flex import Worker
from flexsso_helpers.resources.account_workers import Workers
from flexsso_helpers.saml.worker import contact_uris

ADA = "Ada.Admin@contoso.com"


def worker(number: int, name: str, uri: str = "", mail: str = "") -> Worker:
    return Worker(sid=f"WK{number}", friendly_name=name, attributes={"contact_uri": uri, "email": mail})


BY_IDENTITY = worker(1, "Ada Admin", contact_uris(ADA)[0])
BY_NAME = worker(2, ADA)
IN_OTHER_LETTERS = worker(3, ADA.lower())
AT_ANOTHER_ADDRESS = worker(4, "ada.l", contact_uris(ADA.lower())[0])
SOMEBODY = worker(5, "bo.agent@contoso.com", contact_uris("bo.agent@contoso.com")[0], mail=ADA.upper())
ALL = Workers((SOMEBODY, AT_ANOTHER_ADDRESS, IN_OTHER_LETTERS, BY_NAME, BY_IDENTITY))


def test_a_person_s_own_workers_come_with_the_surest_first() -> None:
    found = ALL.own(ADA)
    assert found[:2] == [BY_IDENTITY, BY_NAME]
    assert set(map(id, found[2:])) == {id(IN_OTHER_LETTERS), id(AT_ANOTHER_ADDRESS)}
    assert [ALL.exact(each, ADA) for each in found] == [True, True, False, False]


def test_nobody_has_no_worker() -> None:
    assert ALL.own("") == ALL.of_mail("") == []
    assert not ALL.exact(worker(6, ""), "")


def test_a_mail_address_is_found_in_any_letters() -> None:
    assert ALL.of_mail(ADA.lower()) == [SOMEBODY]
