"""Secrets by reference: a value is looked up where it lies at the moment of use, and never kept or shown."""

import os
from pathlib import Path

import keyring
from keyring.errors import KeyringError

from flexsso_helpers.errors import ParametersError


def reveal(reference: str) -> str:
    """The secret behind `env:NAME` or `keyring:service/user`. Raises ParametersError when nothing is there."""
    store, _, name = reference.partition(":")
    if store == "env":
        value = os.environ.get(name)
        where = f"the environment variable {name}"
    else:
        service, _, user = name.partition("/")
        try:
            value = keyring.get_password(service, user)
        except KeyringError as error:
            raise ParametersError(
                f"The keyring could not be read for {reference}.",
                why=type(error).__name__,
                fix="Unlock the system's keychain, or use an environment variable (env:NAME).",
                notebook="00",
            ) from error
        where = f"the system's keychain, service {service}, user {user}"
    if not value:
        raise ParametersError(
            f"There is no secret at {reference}.",
            fix=f"Put it into {where}, and start this session again.",
            notebook="00",
        )
    return value


def reveal_certificate(reference: str) -> bytes:
    """A certificate with its private key, behind `file:PATH`, `env:NAME` or `keyring:service/user`.

    Raises ParametersError when nothing is there.
    """
    store, _, name = reference.partition(":")
    if store != "file":
        return reveal(reference).encode()
    path = Path(name).expanduser()
    try:
        return path.read_bytes()
    except OSError as error:
        raise ParametersError(
            f"The certificate at {reference} could not be read.",
            why=error.strerror or type(error).__name__,
            fix="Put the file there and let only yourself read it, or correct tenant.sign_in.certificate.",
            notebook="00",
        ) from error
