"""The only room that speaks to Twilio."""

from flexsso_helpers.flex.gateway import Configuration, Connection, Flex, Worker
from flexsso_helpers.flex.legacy import LegacyConnection
from flexsso_helpers.flex.probe import Probe

__all__ = ["Configuration", "Connection", "Flex", "LegacyConnection", "Probe", "Worker"]
