"""The shape of single values, and what people write instead: each check returns the value or says the right form.

A check raises ValueError with a sentence that continues after the name of the field: "flex.account_sid is …".
"""

import re
import unicodedata
from collections.abc import Callable

from flexsso_helpers.clouds import FLEX_LOGIN, FLEX_LOGIN_HOST

HEX32 = r"[0-9a-f]{32}"
GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SLUG = r"[a-z0-9][a-z0-9-]*"
VAULT = r"keyvault:[a-z0-9-]{3,24}\.vault\.(azure\.net|usgovcloudapi\.net|azure\.cn)/[A-Za-z0-9-]{1,127}"
REFERENCE = r"env:[A-Z_][A-Z0-9_]*|keyring:[^/\s]+/\S+|" + VAULT
CERTIFICATE = REFERENCE + r"|file:(~?/|[A-Za-z]:[\\/]).+"
ASSERTION = r"env:[A-Z_][A-Z0-9_]*|file:(~?/|[A-Za-z]:[\\/]).+|job:github|job:azure/" + GUID
MAIL = r'[^\s@<>,;"]+@[^\s@<>,;".]+(\.[^\s@<>,;".]+)+'
MOMENT = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z"
REPLY_URL = rf"https://{FLEX_LOGIN_HOST}/login/callback\?connection=JQ{HEX32}"
BESIDE = r"(?![/~])(?!.*[\\:]).+"
BASE_FILE = BESIDE + r"\.[yY][aA]?[mM][lL]"
CSV_FILE = BESIDE + r"\.[cC][sS][vV]"
IDENTIFIER = rf"urn:flex:JQ{HEX32}"

REPLY_FORM = f"{FLEX_LOGIN}/login/callback?connection=JQ and 32 digits 0-9 a-f"
IDENTIFIER_FORM = "urn:flex:JQ and 32 digits 0-9 a-f"
REFERENCE_FORM = (
    "env:NAME (an environment variable, upper case), keyring:service/user (the system's keychain) or "
    "keyvault:VAULT.vault.azure.net/NAME (an Azure Key Vault)"
)
CERTIFICATE_FORM = f"file:~/certificates/contoso.pem (a file outside this folder, by its whole path), {REFERENCE_FORM}"
ASSERTION_FORM = (
    "file:/var/run/secrets/azure/tokens/azure-identity-token (a file, by its whole path), env:NAME, job:github, or "
    "job:azure/ and the id of a service connection"
)
_COPY = "copy it from the Single sign-on page of Flex in Twilio Console"
_SID_NAMES = {
    "AC": "the account SID",
    "SK": "an API key SID",
    "JQ": "the SID of the SSO connection",
    "GO": "the Flex instance SID",
    "WS": "the workspace SID",
    "OR": "the organization SID",
    "JB": "the realm SID of another Twilio product",
}
_LEGACY = re.compile(r"https?://(iam\.twilio\.com/v1|preview\.twilio\.com/iam)/Accounts/AC\w*/saml2(/metadata)?/?")
_CONSOLE_SSO = re.compile(r"https?://iam\.twilio\.com/v2/saml2/(authenticate|metadata)/?\S*")
_FILLERS = re.compile(r"<.*>|\{\{.*\}\}|…|\.\.\.|x{4,}|X{4,}|(?i:your[-_ ]|changeme|replace[-_ ]?me)")
_SECRETS = re.compile(
    r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9]{32}"  # an auth token or the secret of an API key
    r"|[A-Za-z0-9]{3}[0-9]Q~[A-Za-z0-9._~-]{30,}"  # a client secret of Entra
    r"|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_.-]*"  # a token
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*",
    re.DOTALL,
)

INVISIBLE = (
    "[\x00-\x08\x0b-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164"
    "\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff]"
)
"""What nobody sees and web pages, chats and PDFs leave in what is copied: wide and narrow blanks, marks, controls."""
_LINK = re.compile(rf"mailto:\s*({MAIL})(?:\?.*)?|[^<>]*<\s*(?:mailto:)?({MAIL})\s*>[;,.]?", re.IGNORECASE)

Check = Callable[[str], str]


def seen(value: str, check: Check | None = None) -> str:
    """The value, when nothing in it is invisible; else it is named, with the value without it."""
    found = re.search(INVISIBLE, value)
    if found is None:
        return value
    named = unicodedata.name(found[0], "a control character").lower()
    where = f"has an invisible character at its character {found.start() + 1} (U+{ord(found[0]):04X}, {named})"
    if check in (reference, certificate, assertion):  # a refused one is never repeated
        raise ValueError(f"{where}; delete it, or type the value anew")
    bare = re.sub(INVISIBLE, lambda one: " " if check is words and one[0].isspace() else "", value).strip()
    raise ValueError(f"{where}; without it: {bare}")


def plain(text: str) -> str:
    """A text in which no odd blank and no mark without a width stands in the way of reading it."""
    return re.sub(INVISIBLE, lambda found: " " if found[0].isspace() else "", text)


def looks_secret(text: str) -> bool:
    """Whether the text has the form of a secret of Twilio or Entra, a token or a private key."""
    return _SECRETS.fullmatch(text.strip()) is not None


def is_placeholder(text: str) -> bool:
    """Whether nobody has filled the value in yet: `ACxxxx`, `JQ…`, `<tenant>`, one letter repeated, a zero GUID."""
    core = re.sub(r"[^0-9A-Za-z]", "", re.sub(r"^([A-Z]{2})(?=\w)", "", text))
    return _FILLERS.search(text) is not None or (len(core) > 7 and len(set(core.lower())) == 1)


def sid(prefix: str) -> Check:
    """A check for a Twilio SID with this two-letter prefix (F01)."""
    name = _SID_NAMES[prefix]
    form = f"{name} is {prefix} and 32 digits 0-9 a-f"

    def check(value: str) -> str:
        if is_placeholder(value):
            raise ValueError(f"is still a placeholder; {form}")
        if re.fullmatch(prefix + HEX32, value):
            return value
        if re.fullmatch(prefix + HEX32, value, re.IGNORECASE):
            raise ValueError(f"has the wrong letter case; Twilio writes {prefix + value[2:].lower()}")
        other = _SID_NAMES.get(value[:2])
        if other and other != name and re.fullmatch(HEX32, value[2:], re.IGNORECASE):
            raise ValueError(f"is {other} ({value[:2]}…); {form}")
        raise ValueError(f"does not have the right form; {form}")

    return check


def guid(value: str) -> str:
    """A GUID, returned in lower case."""
    form = "write it like 1b4e28ba-2fa1-41d2-883f-0016d3cca427"
    plain = value.strip("{} ").replace("-", "").lower()
    if is_placeholder(value):
        raise ValueError(f"is still a placeholder; {form}")
    if re.fullmatch(GUID, value.lower()):
        return value.lower()
    if re.fullmatch(HEX32, plain):
        dashed = "-".join((plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]))
        raise ValueError(f"is a GUID in another notation; write {dashed}")
    if re.fullmatch(r"[\w-]+(\.[\w-]+)+", value):
        raise ValueError("is a domain; the id is a GUID, shown under Overview in the Entra admin center")
    raise ValueError(f"is not a GUID; {form}")


def _foreign(value: str, name: str, form: str) -> None:
    """Refuse what reply URL and identifier are both mistaken for (S33, S35, S38)."""
    if _LEGACY.fullmatch(value):
        raise ValueError(f"is the Legacy value; the {name} of Enhanced SSO is {form}: {_COPY}")
    if _CONSOLE_SSO.fullmatch(value):
        raise ValueError(f"belongs to SSO for Twilio Console, another product; the {name} of Flex is {form}: {_COPY}")
    if is_placeholder(value):
        raise ValueError(f"is still a placeholder; the {name} is {form}: {_COPY}")
    if value != value.strip():
        raise ValueError("has a blank at its beginning or end; remove it")


def reply_url(value: str) -> str:
    """The reply URL (ACS) of Enhanced SSO, query string included (D03)."""
    _foreign(value, "reply URL", REPLY_FORM)
    if re.fullmatch(REPLY_URL, value):
        return value
    if value.startswith("urn:"):
        raise ValueError(f"is the identifier; the reply URL is {REPLY_FORM}")
    if value.startswith("http://"):
        raise ValueError(f"begins with http; write https: {REPLY_FORM}")
    if value.endswith("/"):
        raise ValueError("ends with a slash; remove it, the reply URL is compared letter by letter")
    if "%3D" in value or "%3d" in value:
        raise ValueError("has %3D where = belongs; " + _COPY)
    if re.fullmatch(REPLY_URL, value, re.IGNORECASE):
        raise ValueError(f"has upper-case letters where Twilio has lower-case ones; write {_lower_sid(value)}")
    if "connection=" not in value:
        raise ValueError(f"lacks ?connection=JQ…; the reply URL is {REPLY_FORM}: {_COPY}")
    raise ValueError(f"is not a reply URL of Flex, which is {REPLY_FORM}: {_COPY}")


def identifier(value: str) -> str:
    """The identifier (entity ID) of Enhanced SSO (D05)."""
    _foreign(value, "identifier", IDENTIFIER_FORM)
    if re.fullmatch(IDENTIFIER, value):
        return value
    if value.startswith(("http://", "https://")):
        raise ValueError(f"is a URL; the identifier is {IDENTIFIER_FORM}")
    if value.startswith("spn:"):
        raise ValueError("begins with spn:; remove that, the identifier begins with urn:flex:")
    if value.endswith("/"):
        raise ValueError("ends with a slash; remove it, the identifier is compared letter by letter")
    if re.fullmatch(IDENTIFIER, value, re.IGNORECASE):
        raise ValueError(f"has upper-case letters where Twilio has lower-case ones; write {_lower_sid(value)}")
    raise ValueError(f"is not an identifier of Flex, which is {IDENTIFIER_FORM}: {_COPY}")


def _lower_sid(value: str) -> str:
    return value[:-34].lower() + "JQ" + value[-32:].lower()


def reference(value: str) -> str:
    """A reference to a secret. A refused value is never repeated: it may be the secret."""
    if value.startswith("env:") and is_placeholder(value[4:]):
        raise ValueError(f"is still a placeholder; write {REFERENCE_FORM}")
    if not re.fullmatch(REFERENCE, value):
        raise ValueError(f"must be a reference to the secret, never the secret itself; write {REFERENCE_FORM}")
    return value


def certificate(value: str) -> str:
    """A reference to a certificate with its private key. A refused value is never repeated: it may hold the key."""
    return _place(value, CERTIFICATE, "must say where the certificate and its key are kept", CERTIFICATE_FORM)


def assertion(value: str) -> str:
    """Where a token lies, or who is asked for one. A refused value is never repeated: it may be the token."""
    return _place(value, ASSERTION, "must say where a token is found, never the token itself", ASSERTION_FORM)


def _place(value: str, pattern: str, must: str, form: str) -> str:
    if is_placeholder(value):
        raise ValueError(f"is still a placeholder; write {form}")
    if not re.fullmatch(pattern, value):
        raise ValueError(f"{must}; write {form}")
    return value


def address(value: str) -> str:
    """A mail address or user principal name, guests with #EXT# included."""
    if linked := _LINK.fullmatch(value):
        what = "is a link" if value.lower().startswith("mailto:") else "has a name around the address"
        raise ValueError(f"{what}; write {linked[1] or linked[3]}")
    if is_placeholder(value):
        raise ValueError("is still a placeholder; write an address like ada@contoso.com")
    if not re.fullmatch(MAIL, value) or not value.isprintable():  # what nobody sees is no part of one either
        raise ValueError("is not an address; write it like ada@contoso.com, one address an entry")
    if len(value) > 256:
        raise ValueError("has more than 256 characters")
    return value


def words(value: str) -> str:
    """A title or name: one line, no blank around it, at most 120 characters."""
    if not value.strip():
        raise ValueError("is empty; write a text")
    if is_placeholder(value):
        raise ValueError("is still a placeholder; write the real text")
    if value != value.strip() or not value.isprintable():
        raise ValueError("must be one line without blanks or invisible characters around it")
    if len(value) > 120:
        raise ValueError("has more than 120 characters")
    return value


DEVICES = r"con|prn|aux|nul|com[0-9]|lpt[0-9]"


def slug(value: str) -> str:
    """The short name of a tenant, which is also its file's name."""
    if not re.fullmatch(SLUG, value):
        raise ValueError("may have lower-case letters, digits and hyphens only, like contoso-emea")
    if re.fullmatch(DEVICES, value):
        raise ValueError("is a name that Windows keeps for a device, so no file or folder can have it there")
    return words(value)


def web_address(value: str) -> str:
    """An https address."""
    if not re.fullmatch(r"https://[^\s<>\"]+", value) or is_placeholder(value):
        raise ValueError("is not an address that begins with https://")
    return value


def flex_address(value: str) -> str:
    """An address of Flex that Flex Console takes: https, or this machine while developing; no wildcards (F14)."""
    if "*" in value:
        raise ValueError("has a wildcard, which Flex Console does not take; write each address")
    if re.fullmatch(r"http://localhost(:[0-9]+)?(/[^\s<>\"]*)?", value):
        return value
    return web_address(value)


def moment(value: str) -> str:
    """A UTC moment such as 2026-11-02T08:00:00Z."""
    if not re.fullmatch(MOMENT, value):
        raise ValueError("is not a moment in UTC; write it like 2026-11-02T08:00:00Z")
    return value


def sha256(value: str) -> str:
    """A SHA-256 fingerprint: 64 lower-case hex digits."""
    if not re.fullmatch(r"[0-9a-f]{64}", value):
        raise ValueError("is not a SHA-256 fingerprint; it has 64 digits 0-9 a-f, without colons")
    return value


def base_file(value: str) -> str:
    """The name of a tenant's file that another one extends."""
    return _beside(value, (".yaml", ".yml"), "base.yaml")


def csv_file(value: str) -> str:
    """The name of a CSV file beside a tenant's file."""
    return _beside(value, (".csv",), "people.csv")


def _beside(value: str, endings: tuple[str, ...], example: str) -> str:
    if "\\" in value:
        raise ValueError(f"has a backslash; write / between folder and file, such as shared/{example}")
    if not re.fullmatch(BESIDE, value) or not value.isprintable() or len(value) > 200:
        raise ValueError(f"is not the name of a file within the parameters folder, such as {example}")
    if not value.lower().endswith(endings):
        raise ValueError(f"does not end in {endings[0]}; write the whole name of the file, such as {example}")
    return value
