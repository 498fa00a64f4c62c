"""What is told about a tenant: to whom when an outcome changes, and in which language what the customer keeps."""

from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from flexsso_helpers.catalogue import SOURCE, languages
from flexsso_helpers.parameters import shapes
from flexsso_helpers.parameters.kinds import Part, Reference


def _language(value: str) -> str:
    if value not in languages():
        raise PydanticCustomError("literal_error", "no file of translations")
    return value


Language = Annotated[str, AfterValidator(_language), WithJsonSchema({"type": "string", "enum": list(languages())})]


class Handover(Part):
    """What is written for the customer."""

    language: Language = Field(
        default=SOURCE,
        description="Language of the handover page, of certificate.ics, and of the mail that `flexsso prepare` writes. "
        "What the notebooks show is English.",
    )


class Notify(Part):
    """Who is told when the outcome of a command changes."""

    to: Annotated[tuple[Reference, ...], Field(strict=False)] = Field(
        default=(),
        description="Where the addresses of those who are told are kept, each one URL as Apprise writes it (mail, "
        f"Teams, Slack, a webhook …): {shapes.REFERENCE_FORM}. An address holds secrets, so it never stands here.",
    )
    names: bool = Field(
        default=False,
        description="true: a message may name people and settings. false: numbers of checks only, without names.",
    )
