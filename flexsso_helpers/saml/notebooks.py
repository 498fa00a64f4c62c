"""The notebooks by number, as findings name them: only those that there are, so that no fix leads nowhere."""

TITLES = {
    "00": "Start here",
    "01": "Enterprise application",
    "02": "Basic SAML configuration",
    "03": "Signing certificate",
    "04": "Attributes and claims",
    "05": "App roles",
    "06": "Flex Console",
    "07": "Assign users",
    "08": "Test sign-on",
}


def fix_in(number: str, what: str) -> str:
    """One sentence that names the notebook: `02 · Basic SAML configuration: set the reply URL.`"""
    return f"{number} · {TITLES[number]}: {what}"
