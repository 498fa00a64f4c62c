"""A very small browser for the rehearsal's pages: it sees labels, buttons and words, as a person does."""

from dataclasses import dataclass, field
from urllib.parse import urljoin

import requests
from lxml import html
from lxml.html import FormElement, HtmlElement

from flexsso_helpers.errors import Unreachable


@dataclass
class Browser:
    """One browser window, with its cookies. Only pages below `home`, the rehearsal's own address, are opened."""

    home: str
    session: requests.Session
    url: str = ""
    page: HtmlElement = field(default_factory=lambda: html.fromstring("<main></main>"))
    typed: dict[str, str] = field(default_factory=dict)

    def open(self, url: str) -> None:
        """Go to an address and follow its redirects."""
        self._load("GET", url, {})

    def fill(self, label: str, value: str) -> None:
        """Type into the field with this label."""
        self.typed[self._field(label)] = value

    def written(self, label: str) -> str:
        """What stands in the field with this label."""
        found = self.page.xpath("//input[@name=$name]/@value", name=self._field(label))
        return str(found[0]) if found else ""

    def tick(self, label: str) -> None:
        """Tick the box with this label."""
        self.typed[self._field(label)] = "on"

    def press(self, button: str) -> None:
        """Press the button with this text: its form is sent with what was typed."""
        form = self._form_of(button)
        names = {name for name, _ in form.form_values()} | set(form.fields.keys())
        fields = {**dict(form.form_values()), **{name: text for name, text in self.typed.items() if name in names}}
        self._load(form.method, urljoin(self.url, form.action or ""), fields)

    def has(self, button: str) -> bool:
        """Whether the page has a button with this text."""
        return any(_words(element) == button for element in self.page.iter("button"))

    def text(self, identity: str) -> str:
        """The words of the element with this id; empty when there is none."""
        found = self.page.get_element_by_id(identity, None)
        return _words(found) if found is not None else ""

    def hidden(self, name: str) -> str:
        """The value of a hidden field, as the developer tools show it."""
        found = self.page.xpath("//input[@type='hidden'][@name=$name]/@value", name=name)
        return str(found[0]) if found else ""

    @property
    def heading(self) -> str:
        """The page's heading."""
        found = self.page.find(".//h1")
        return _words(found) if found is not None else ""

    def _field(self, label: str) -> str:
        for element in self.page.iter("label"):
            if _words(element) == label and (target := element.get("for")):
                named = self.page.get_element_by_id(target, None)
                return str(named.get("name")) if named is not None else target
        raise self._lost(f"a field called “{label}”")

    def _form_of(self, button: str) -> FormElement:
        for form in self.page.forms:
            if any(_words(element) == button for element in form.iter("button")):
                return form
        raise self._lost(f"a button called “{button}”")

    def _lost(self, wanted: str) -> Unreachable:
        return Unreachable(
            f"The rehearsal's page “{self.heading}” has not got {wanted}.",
            why=f"It says: {_words(self.page)[:300]}",
            fix="Open the page in a browser and look: `flexsso rehearsal status` tells where.",
        )

    def _load(self, method: str, url: str, fields: dict[str, str]) -> None:
        if not url.startswith(f"{self.home}/"):
            raise Unreachable(
                f"A page of the rehearsal leads out of it, to {url.split('?')[0]}.",
                why="In a rehearsal nothing leaves this machine.",
                fix="Correct the address that leads there; in Flex Console that is the Single Sign-On URL.",
                notebook="06",
            )
        answer = self.session.request(method, url, data=fields or None, timeout=60, allow_redirects=False)
        if answer.is_redirect:
            self._load("GET", urljoin(url, answer.headers["Location"]), {})
            return
        self.url, self.typed = url, {}
        self.page = html.fromstring(answer.text or "<main></main>")


def _words(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())
