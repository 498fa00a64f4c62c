"""Where a person's browser finds the pages that the world knows by their https addresses."""

from dataclasses import dataclass

from flexsso_helpers.views.table import Badge
from flexsso_helpers.wire import RehearsalClient


@dataclass(frozen=True)
class Pages:
    """Addresses for a browser: the real ones, or with a `rehearsal_client` those of its pages."""

    rehearsal_client: RehearsalClient | None = None

    @property
    def badge(self) -> Badge:
        """The mark on what is shown of them."""
        return "REHEARSAL" if self.rehearsal_client else "LIVE"

    def at(self, url: str) -> str:
        """Where a browser finds the page."""
        return self.rehearsal_client.face(url) if self.rehearsal_client else url

    def apart(self, url: str) -> str:
        """The same page under another host name than localhost: a capture then comes from another site."""
        return self.rehearsal_client.face_apart(url) if self.rehearsal_client else url
