"""The kinds of values in a tenant's file: text of a certain shape, each with what the JSON schema says of it."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, WithJsonSchema

from flexsso_helpers.parameters import claim_names, shapes


def _text(check: shapes.Check, pattern: str | None = None) -> tuple[AfterValidator, WithJsonSchema]:
    shape = {"type": "string", "minLength": 1} | ({"pattern": f"^({pattern})$"} if pattern else {})
    return AfterValidator(lambda value: check(shapes.seen(value, check))), WithJsonSchema(shape)


_ANY_CASE_GUID = shapes.GUID.replace("a-f", "a-fA-F")
Guid = Annotated[str, *_text(shapes.guid, _ANY_CASE_GUID)]
AccountSid = Annotated[str, *_text(shapes.sid("AC"), f"AC{shapes.HEX32}")]
ApiKeySid = Annotated[str, *_text(shapes.sid("SK"), f"SK{shapes.HEX32}")]
ReplyUrl = Annotated[str, *_text(shapes.reply_url, shapes.REPLY_URL)]
Identifier = Annotated[str, *_text(shapes.identifier, shapes.IDENTIFIER)]
Reference = Annotated[str, *_text(shapes.reference, shapes.REFERENCE)]
CertificateReference = Annotated[str, *_text(shapes.certificate, shapes.CERTIFICATE)]
AssertionReference = Annotated[str, *_text(shapes.assertion, shapes.ASSERTION)]
Address = Annotated[str, *_text(shapes.address, shapes.MAIL)]
Words = Annotated[str, *_text(shapes.words)]
CsvFile = Annotated[str, *_text(shapes.csv_file, shapes.CSV_FILE)]
Slug = Annotated[str, *_text(shapes.slug, shapes.SLUG)]
WebAddress = Annotated[str, *_text(shapes.web_address, "https://.+")]
FlexAddress = Annotated[str, *_text(shapes.flex_address, "https?://.+")]
Moment = Annotated[str, *_text(shapes.moment, shapes.MOMENT)]
AttributeName = Annotated[str, *_text(claim_names.attribute, claim_names.NAME)]
AttributeSource = Annotated[str, *_text(claim_names.source, claim_names.SOURCE)]
Sha256 = Annotated[str, *_text(shapes.sha256, "[0-9a-f]{64}")]


class Part(BaseModel):
    """A block of the file. Errors never carry the input, which may hold a secret by mistake."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)
