"""The judge for whatever somebody copied or saved: held against a live tenant, or against given metadata.

Two profiles: `flex` for a tenant of ours, `saml` for any other SAML application of Entra, where Flex's own demands
inform and do not reject. Nothing here writes to a tenant, and nothing of the response leaves the machine.
"""

from flexsso_helpers.commands.judge.given_metadata import given_metadata, time_of, unknown
from flexsso_helpers.commands.judge.verdict import Verdict, judge_given

__all__ = ["Verdict", "given_metadata", "judge_given", "time_of", "unknown"]
