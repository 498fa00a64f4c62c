"""The only room that speaks to Twilio."""

from flexsso_helpers.flex.account import Configuration, Connection, FlexUser, Worker
from flexsso_helpers.flex.gateway import Flex
from flexsso_helpers.flex.legacy import LegacyConnection
from flexsso_helpers.flex.probe import Probe

__all__ = ["Configuration", "Connection", "Flex", "FlexUser", "LegacyConnection", "Probe", "Worker"]
