"""A large tenant: everything is found page by page, and what is asked for does not cost more than in a small one."""

import functools

import pytest
from entra_stage import Entra

from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.directory.people import people
from flexsso_helpers.rehearsal.world.store import Term
from flexsso_helpers.rehearsal.world.world import World

SMALL, LARGE = 40, 2000


@functools.cache
def tenant(number: int) -> Entra:
    """A tenant of so many people, all assigned to the travel application."""
    entra = Entra()
    entra.world = World(people=number)
    entra.http = Entra.over(entra.world)
    entra.ada = entra.principal("ada.admin@contoso.com")
    entra.sp = next(sp for sp in entra.world.store.all("servicePrincipal") if sp["displayName"] == "Contoso Travel")
    app = objects.application_of(entra.world, entra.sp["appId"])
    assert app
    entra.app = app
    past = entra.world.clock.now - 1000
    for user in entra.world.store.all("user"):
        objects.assign(entra.world, entra.sp, user, "user", app["appRoles"][0]["id"], at=past)
    return entra


def steps(entra: Entra, path: str) -> int:
    """How many hundreds of steps the database takes to answer."""
    taken = [0]

    def count() -> int:
        taken[0] += 1
        return 0

    entra.world.store._db.set_progress_handler(count, 100)
    entra.get(path)
    entra.world.store._db.set_progress_handler(None, 100)
    return taken[0]


def test_more_people_are_numbered_and_the_first_forty_stay() -> None:
    many = people(1, LARGE)
    assert many[:SMALL] == people(1)
    assert len({person.upn for person in many}) == LARGE


@pytest.mark.parametrize("path", ["/users?$top=300", "/servicePrincipals/{sp}/appRoleAssignedTo?$top=300"])
def test_every_page_brings_others(path: str) -> None:
    entra = tenant(LARGE)
    found: list[str] = []
    url = path.format(sp=entra.sp["id"])
    while url:
        page = entra.get(url)
        found += [item["id"] for item in page["value"]]
        url = page.get("@odata.nextLink", "").removeprefix("https://graph.microsoft.com/v1.0")
    assert len(set(found)) == len(found) >= LARGE


@pytest.mark.parametrize(
    "path",
    [
        "/users/bo.agent@contoso.com",
        "/users?$filter=mail eq 'bo.agent@contoso.com'",
        "/users?$filter=startswith(displayName,'Bo A') and accountEnabled eq true",
        "/users?$filter=proxyAddresses/any(p:p eq 'smtp:bo.agent@contoso.com')",
        "/users?$top=20",
        "/users/bo.agent@contoso.com/appRoleAssignments",
    ],
)
def test_what_is_asked_for_costs_the_same_in_a_large_tenant(path: str) -> None:
    assert steps(tenant(LARGE), path) <= steps(tenant(SMALL), path) + 10


def test_an_index_gives_the_few_that_may_fit() -> None:
    store = tenant(LARGE).world.store
    assert len(list(store.walk("user", where=[Term("mail", "BO.agent@contoso.com")]))) == 1
    assert list(store.walk("user", where=[])) == []


def test_what_an_index_found_is_looked_at_again() -> None:
    world = World()
    world.store.put("user", "a", {"mail": "old@contoso.com"}, at=1)
    world.store.put("user", "a", {"mail": "new@contoso.com"}, at=5)
    assert world.store.find("user", "mail", "old@contoso.com") == []
    assert world.store.find("user", "mail", "OLD@contoso.com", as_of=3) == [{"mail": "old@contoso.com"}]


def test_the_count_of_a_large_tenant() -> None:
    entra = tenant(LARGE)
    answer = entra.call("GET", "/users/$count", ConsistencyLevel="eventual")
    assert (answer.text, answer.headers["content-type"]) == (str(LARGE), "text/plain; charset=utf-8")
    assert entra.refused("GET", "/users/$count")[0] == 400
