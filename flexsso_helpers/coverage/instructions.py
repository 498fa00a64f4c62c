"""The documented procedure, instruction by instruction in our own few words, and the checks that prove each."""

from dataclasses import dataclass

from flexsso_helpers.documented_claims import DOCUMENTED

ENHANCED = "enhanced"
LEGACY = "legacy"
MODES = (ENHANCED, LEGACY)


@dataclass(frozen=True)
class Proof:
    """Findings of one notebook: those with this check whose title begins so. All of them have to hold, at least one."""

    section: str
    check: str
    title: str = ""
    modes: tuple[str, ...] = MODES


RESPONSE = Proof("08", "D29", "Checks of the response of")
SIGN_ON = Proof("08", "D29", "Sign-on of")


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """One instruction. `changes` says whether following it changes something, which the run then has to have done."""

    number: str
    words: str
    proofs: tuple[Proof, ...]
    changes: bool = True
    modes: tuple[str, ...] = MODES


def _claim(number: str, words: str, *, changes: bool = True) -> Instruction:
    return Instruction(number=number, words=words, proofs=(Proof("04", number), RESPONSE), changes=changes)


INSTRUCTIONS = (
    Instruction(
        number="D01", words="An own enterprise application, not from the gallery", proofs=(Proof("01", "D01"),)
    ),
    Instruction(number="D02", words="Its sign-on method is SAML", proofs=(Proof("01", "S77"),)),
    Instruction(
        number="D03",
        words="Reply URL of the connection",
        proofs=(Proof("02", "D03"), Proof("06", "S33")),
        modes=(ENHANCED,),
    ),
    Instruction(number="D04", words="Reply URL of the account", proofs=(Proof("02", "D04"),), modes=(LEGACY,)),
    Instruction(
        number="D05",
        words="Identifier of the connection",
        proofs=(Proof("02", "D05"), Proof("02", "S78"), Proof("06", "S35")),
        modes=(ENHANCED,),
    ),
    Instruction(number="D06", words="Identifier of the account", proofs=(Proof("02", "D06"),), modes=(LEGACY,)),
    Instruction(number="D07", words="No other identifier beside it", proofs=(Proof("02", "D07"),)),
    *(_claim(each.instruction, each.words) for each in DOCUMENTED),
    _claim("D12", "No claim has a namespace"),
    _claim("D13", "None of Microsoft's default claims"),
    Instruction(number="D14", words="Response and assertion are signed", proofs=(Proof("03", "D14"), RESPONSE)),
    Instruction(
        number="D15", words="Signed with SHA-256, as Entra does", proofs=(Proof("03", "D15"), RESPONSE), changes=False
    ),
    Instruction(number="D16", words="Who is warned before the certificate expires", proofs=(Proof("03", "D16"),)),
    _claim("D17", "What leaves the tenant is shown, and agreed to by name", changes=False),
    Instruction(number="D18", words="App roles admin, supervisor, agent", proofs=(Proof("05", "D18"),)),
    Instruction(number="D19", words="App roles of Flex Insights", proofs=(Proof("05", "D19"),)),
    _claim("D20", "Further worker attributes"),
    Instruction(
        number="D21", words="The certificate is in Flex Console", proofs=(Proof("06", "D21"), Proof("03", "S26"))
    ),
    Instruction(number="D22", words="The issuer is in Flex Console", proofs=(Proof("06", "D22"), RESPONSE)),
    Instruction(
        number="D23", words="The sign-on URL is in Flex Console", proofs=(Proof("06", "D23"), Proof("06", "S32"))
    ),
    Instruction(number="D24", words="Users and groups have one role each", proofs=(Proof("07", "D24"),)),
    Instruction(number="D25", words="Everybody is assigned", proofs=(Proof("07", "D25"),), changes=False),
    Instruction(
        number="D26",
        words="Roles of Flex Insights, each assigned by itself",
        proofs=(Proof("07", "D25"), Proof("07", "S63")),
    ),
    Instruction(
        number="D27",
        words="A start from the My Apps page works",
        # Legacy needs no page to land on, so there nobody is asked to try it.
        proofs=(Proof("02", "D27"), Proof("08", "D27", modes=(ENHANCED,))),
        changes=False,
    ),
    Instruction(
        number="D28",
        words="A self-hosted Flex knows the connection",
        proofs=(Proof("06", "D28"),),
        changes=False,
        modes=(ENHANCED,),
    ),
    Instruction(number="D29", words="A sign-on is tested", proofs=(SIGN_ON, RESPONSE)),
    Instruction(number="D30", words="The test person signs in", proofs=(SIGN_ON,)),
    Instruction(
        number="D31",
        words="What a person sees follows from the roles",
        proofs=(SIGN_ON, Proof("08", "D32", "Worker’s roles")),
    ),
    Instruction(number="D32", words="The worker in Flex is the right one", proofs=(Proof("08", "D32"),), changes=False),
    _claim("D33", "Custom attributes of the company"),
)
