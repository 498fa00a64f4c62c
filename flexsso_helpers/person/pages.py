"""Where a person's browser finds the pages that the world knows by their https addresses."""

from dataclasses import dataclass

from flexsso_helpers.wire import RehearsalDoor


@dataclass(frozen=True)
class Pages:
    """Addresses for a browser: the real ones, or with the client of a rehearsal (`door`) those of its pages."""

    door: RehearsalDoor | None = None

    def at(self, url: str) -> str:
        """Where a browser finds the page."""
        return self.door.face(url) if self.door else url

    def apart(self, url: str) -> str:
        """The same page under another host name than localhost: a capture then comes from another site."""
        return self.door.face_apart(url) if self.door else url
