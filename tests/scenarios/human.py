"""A human with a browser: plays `practice: live` over the rehearsal's pages, given only what the notebooks display.

What is shown arrives as in a notebook: printed lines, HTML, widgets. What is done is typed into forms, ticked, or done
in a browser. `Mistakes` are what goes wrong between the notebook and Flex Console, and at the pasting in 08.
"""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import TextIOBase
from typing import Any

import requests
from lxml import html
from stage import Stage

from flexsso_helpers.clouds import CONSOLE_SSO_PAGE
from flexsso_helpers.person.browsing import Browser
from flexsso_helpers.session.approval import ApprovalCell
from flexsso_helpers.views import CopyFields, Form

ADA = "ada.admin@contoso.com"
SIGNED_IN = "Signed in to Flex"
PEM = "X.509 Certificate"
ISSUER, SSO_URL = "Identity Provider Issuer", "Single Sign-On URL"
LANDING = ("Default Redirect URL", "Trusted URLs")
CODE = re.compile(r"open (\S+) and type the code (\S+)")
LOGIN_LINK = re.compile(r"https?://(?:localhost:\d+/)?flex\.twilio\.com/[\w-]+")
TILE_LINK = re.compile(r"https?://(?:localhost:\d+/)?launcher\.myapps\.microsoft\.com/\S+?(?=\.?(?:\s|$))")
NOT_YET = re.compile(r"After \d\d, sign in at")
SECONDS = 20.0
"""What one thing that a human does takes, of the rehearsal's time."""

Value = Callable[[str], str]
"""What is pasted in place of what was displayed."""


def same(value: str) -> str:
    """As displayed."""
    return value


@dataclass(frozen=True)
class Seen:
    """What a browser showed at the end of a sign-on, and the form field that developer tools show on the way."""

    signed_in: bool
    words: str
    response: str = ""


@dataclass(frozen=True, kw_only=True)
class Mistakes:
    """What this human does wrong; by default nothing. A further mistake is one more value here, and needs no code.

    `given` says what is pasted in 08 for a user, from what was seen at everybody's sign-on.
    """

    certificate: Value = same
    issuer: Value = same
    sso_url: Value = same
    other_page: bool = False
    """Paste into the page of the Legacy connection, where the account has one."""
    save: bool = True
    afterwards: Callable[["Human"], None] = lambda _human: None
    """Done after saving, such as switching the connection off."""
    given: Callable[[dict[str, Seen], str], str] = lambda seen, user: (
        seen[user].response if seen[user].signed_in else seen[user].words
    )


def without_slash(issuer: str) -> str:
    """The issuer, less its last sign."""
    return issuer.removesuffix("/")


def another_tenants(value: str) -> str:
    """The same address of another tenant."""
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "f1e55000-0000-4000-8000-0000000000ff", value)


def metadata_url(sso_url: str) -> str:
    """The address of the federation metadata, which stands above the right one in the admin center."""
    return sso_url.replace("/saml2", "/federationmetadata/2007-06/federationmetadata.xml")


def of_somebody_else(seen: dict[str, Seen], user: str) -> str:
    """The next person's response, in the field of this one."""
    users = list(seen)
    return seen[users[(users.index(user) + 1) % len(users)]].response


def switch_off(human: "Human") -> None:
    """The connection is taken out of use; the rehearsal’s Console has no page for it, so its record is changed."""
    world = human.stage.world
    for entry in world.store.all("flex_connection"):
        world.store.put("flex_connection", entry["sid"], entry | {"stage": "confirmed"}, at=world.clock.now)


@dataclass
class Human:
    """One person at one notebook, with a browser beside it."""

    stage: Stage
    mistakes: Mistakes = field(default_factory=Mistakes)
    approves: tuple[str, ...] = ()
    """Removals, and what else is approved by name, that this person agrees to."""
    user: str = ADA
    """Whose name is typed where a code is."""
    looks_first: bool = False
    """Paste into Console only when the box of 06 is there, rather than when the values are."""
    words: str = ""
    """All that was displayed so far."""
    seen: dict[str, Seen] = field(default_factory=dict)
    """What came of the sign-ons, by user."""
    values: dict[str, str] = field(default_factory=dict)
    """The values to paste, by the label that the notebook gives them."""
    form: Form | None = None
    told: str = ""
    """What was displayed last but one, such as the card above the values to paste."""
    last: str = ""
    pasted: bool = False

    # What is displayed

    def reads(self, printed: str) -> None:
        """A printed line; a code is typed at once, as the sign-in waits for it."""
        self.words += printed
        for address, code in CODE.findall(printed):
            browser = self.browser(address)
            browser.fill("Code", code)
            browser.fill("User name", self.user)
            browser.press("Sign in")

    def looks_at(self, thing: Any) -> None:
        """Something that a cell displays. Forms are typed into later; boxes are ticked when their deed is done."""
        bundle = thing._repr_mimebundle_()
        page = html.fromstring(f"<main>{bundle.get('text/html', '')}</main>")
        self.words += page.text_content() + "\n" + bundle["text/plain"] + "\n"
        self.told = self.last
        self.last = " ".join(page.text_content().split())
        if isinstance(thing, Form):
            self.form = thing
        elif isinstance(thing, CopyFields):
            self.values = {_label(each): _value(each) for each in page.find_class("fx-copy")}
            ready = not any("known after" in self.values[label] for label in (PEM, ISSUER, SSO_URL))
            if ready and "nothing to paste" not in self.told and not self.looks_first:
                self.pastes()
        elif isinstance(thing, ApprovalCell):
            self._ticks(thing, bundle["text/plain"])

    def _ticks(self, cell: ApprovalCell, words: str) -> None:
        if "nothing to approve" in words:
            return
        box = cell._box
        if "pasted into Flex Console" in words and self.looks_first:
            self.pastes()
        elif "pasted into Flex Console" in words and not self.pasted:
            return
        box.tick.value = True
        for change in cell.plan.open:
            if change.setting in self.approves and change.key in box.name_ticks:
                box.name_ticks[change.key].value = True

    # What is done in the browser

    def browser(self, url: str) -> Browser:
        """A browser window at this address; one that the world knows is found by the redirect."""
        self.stage.world.advance(SECONDS)
        browser = Browser(self.stage.rehearsal_client.home, self.stage.rehearsal_client.browser())
        browser.open(url if url.startswith("http://") else self.stage.rehearsal_client.face(url))
        return browser

    def copies(self) -> bool:
        """Copy both values off Console's page into the form; whether the page shows them."""
        page = self.browser(CONSOLE_SSO_PAGE)
        if self.form is None:
            return False
        for label, identity in (("ACS URL", "acs-url"), ("Entity ID", "entity-id")):
            if not page.text(identity):
                return False
            _input(self.form, label).value = page.text(identity)
        return True

    def pastes(self) -> None:
        """Paste what the notebook displays into Console's page, and save."""
        wrong, page = self.mistakes, self.browser(CONSOLE_SSO_PAGE)
        self.pasted = True
        for button in ("Start setup", "Create new SSO connection"):
            if page.has(button) and not (wrong.other_page or "mode: legacy" in self.words):
                page.press(button)
        if page.has("Save and continue"):
            page.tick("I have updated my identity provider")
            page.press("Save and continue")
        if page.has("Edit identity provider data"):
            page.press("Edit identity provider data")
        if not page.written("Friendly Name"):
            page.fill("Friendly Name", "Microsoft Entra ID")
        page.fill(PEM, wrong.certificate(self.values[PEM]))
        page.fill(ISSUER, wrong.issuer(self.values[ISSUER]))
        page.fill(SSO_URL, wrong.sso_url(self.values[SSO_URL]))
        for label in LANDING:
            if label in self.values:
                page.fill(label, self.values[label])
        if wrong.save:
            page.press("Save")
        wrong.afterwards(self)

    def signs_on(self, link: str, user: str) -> Seen:
        """Open the link, sign in, and copy what the developer tools show, or what the page says."""
        page, response = self.browser(link), ""
        if page.has("Sign in"):
            page.fill("User name", user)
            page.press("Sign in")
        if page.has("Continue"):
            response = page.hidden("SAMLResponse")
            page.press("Continue")
        words = " ".join(" ".join(page.page.xpath("//text()[not(parent::style or parent::script)]")).split())
        return Seen(signed_in=page.heading == SIGNED_IN, words=words, response=response)

    def signs_everybody_on(self) -> bool:
        """Sign on whoever 08 has a field for, and paste what came of it; whether there was anything to do."""
        links = LOGIN_LINK.findall(self.words)
        if self.form is None or not links or NOT_YET.search(self.last):
            return False
        fields = dict(_fields_of_people(self.form))
        for user in fields:
            self.seen[user] = self.signs_on(links[-1], user)
        for user, widget in fields.items():
            widget.value = self.mistakes.given(self.seen, user)
            if self.seen[user].signed_in and (opened := _box(self.form, f"Flex opened as {user}")):
                opened.value = True
        tiles, box = TILE_LINK.findall(self.words), _box(self.form, "tile")
        if tiles and box is not None:
            box.value = self.signs_on(tiles[-1], next(iter(fields), "")).signed_in
        return bool(fields)


@dataclass
class Screen(TextIOBase):
    """Standard output, read by a human; also what another thread prints while it waits for this human."""

    human: Human

    def write(self, text: str) -> int:
        """Show it."""
        self.human.reads(text)
        return len(text)


@dataclass
class SystemBrowser:
    """The machine's own browser, in which this human signs in to whatever page a program opens."""

    human: Human
    opened: list[str] = field(default_factory=list)

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        """Open the page and sign in there; the page's form goes back to the program that asked, on this machine."""
        self.opened.append(url)
        page = self.human.browser(url)
        page.fill("User name", self.human.user)
        page.press("Sign in")
        form = page.page.forms[0]
        threading.Thread(target=_post, args=(form.action, dict(form.form_values())), daemon=True).start()
        return True


def _post(address: str, fields: dict[str, str]) -> None:
    with requests.Session() as browser:
        browser.trust_env = False
        browser.post(address, data=fields, timeout=60)


def _label(field_of_card: Any) -> str:
    return " ".join(field_of_card.find(".//b").text_content().split())


def _value(field_of_card: Any) -> str:
    return str(field_of_card.find(".//pre").text_content()).strip("\n")


def _labelled(form: Form) -> Iterator[tuple[str, Any]]:
    for widget in form.inputs.values():
        label = getattr(widget, "description", "") or ""
        yield str(label), widget


def _input(form: Form, label: str) -> Any:
    return next(widget for words, widget in _labelled(form) if label in words)


def _fields_of_people(form: Form) -> Iterator[tuple[str, Any]]:
    for label, widget in _labelled(form):
        found = re.search(r"\S+@\S+", label)
        if found and isinstance(widget.value, str):
            yield found[0], widget


def _box(form: Form, words: str) -> Any:
    return next((widget for label, widget in _labelled(form) if words in label and widget.value is False), None)
