"""Where a person's browser finds the pages that the world knows by their https addresses."""

from dataclasses import dataclass

from flexsso_helpers.wire import RehearsalDoor


@dataclass(frozen=True)
class Pages:
    """The redirect of browsers: the pages themselves, or with a `door` their places in the rehearsal behind it."""

    door: RehearsalDoor | None = None

    def at(self, url: str) -> str:
        """Where a browser finds the page."""
        return self.door.face(url) if self.door else url

    def apart(self, url: str) -> str:
        """The same on another site than localhost, so that a browser's rules between sites apply to a capture."""
        return self.door.face_apart(url) if self.door else url
