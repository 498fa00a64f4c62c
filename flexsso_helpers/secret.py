"""Secrets by reference: a value is looked up where it lies at the moment of use, and never kept or shown."""

import importlib
import os
from contextlib import closing
from pathlib import Path

import keyring
from azure.core.exceptions import AzureError, ResourceNotFoundError, ServiceRequestError, ServiceResponseError
from azure.identity import DefaultAzureCredential
from keyring.errors import KeyringError

from flexsso_helpers import job_token
from flexsso_helpers.errors import ParametersError
from flexsso_helpers.wire import Wire, machine_transport, unanswered


def reveal(reference: str) -> str:
    """The secret behind `env:NAME`, `keyring:service/user` or `keyvault:HOST/NAME`.

    Raises ParametersError when nothing is there, or what keeps it cannot be asked; Unreachable when a vault did not
    answer, or something else did.
    """
    store, _, name = reference.partition(":")
    if store == "keyvault":
        value = _from_vault(reference, *name.split("/", 1))
        where = f"the Azure Key Vault {name.partition('/')[0]}"
    elif store == "env":
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


def _from_vault(reference: str, host: str, name: str) -> str | None:
    """A secret of an Azure Key Vault, asked for as whoever azure-identity finds on this machine; not rehearsed."""
    try:
        vault = importlib.import_module("azure.keyvault.secrets")  # an extra: few need it
    except ImportError as error:
        raise ParametersError(
            f"{reference} lies in an Azure Key Vault, and the library that asks it is not installed.",
            fix="Install azure-keyvault-secrets into this environment, or keep the secret as env: or keyring:.",
            notebook="00",
        ) from error
    address, what = f"https://{host}", f"Asking the Azure Key Vault for {reference}."
    transport, machine = Wire.to(address, only_data=True).identity_transport(what), machine_transport()
    try:
        with (
            closing(transport.session),
            closing(machine.session),
            vault.SecretClient(address, DefaultAzureCredential(transport=machine), transport=transport) as client,
        ):
            value: str | None = client.get_secret(name).value
    except ResourceNotFoundError:
        return None
    except (ServiceRequestError, ServiceResponseError) as error:
        raise unanswered(what, error, by="the vault") from error
    except AzureError as error:
        raise ParametersError(
            f"The Azure Key Vault did not give {reference}.",
            why=str(error.message or type(error).__name__).splitlines()[0][:300],
            fix="Check the vault's name, and that whom this machine is signed in as may read its secrets (az login).",
            notebook="00",
        ) from error
    return value


def reveal_certificate(reference: str) -> bytes:
    """A certificate with its private key, behind `file:PATH` or, as PEM text, whatever else keeps a secret.

    Raises ParametersError when nothing is there.
    """
    store = reference.partition(":")[0]
    return reveal(reference).encode() if store != "file" else _read(reference, "certificate")


def reveal_assertion(reference: str) -> str:
    """A token of the place where this runs: in a file, in a variable, or asked of a pipeline. Read anew each time.

    Raises ParametersError when nothing is there, SignInError when the pipeline gives none, Unreachable when it did not
    answer, or something else did.
    """
    store, _, name = reference.partition(":")
    if store == "job":
        return job_token.asked(name)
    return reveal(reference) if store != "file" else _read(reference, "assertion").decode().strip()


def _read(reference: str, key: str) -> bytes:
    try:
        return Path(reference.partition(":")[2]).expanduser().read_bytes()
    except OSError as error:
        raise ParametersError(
            f"The {key} at {reference} could not be read.",
            why=error.strerror or type(error).__name__,
            fix=f"Put the file there and let only yourself read it, or correct tenant.sign_in.{key}.",
            notebook="00",
        ) from error
