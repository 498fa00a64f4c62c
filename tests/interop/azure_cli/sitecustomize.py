"""Loaded by Azure CLI's Python before everything: each https request goes to the rehearsal, with the Host it had."""

import os
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

genuine = HTTPAdapter.send


def send(adapter: HTTPAdapter, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
    parts = urlsplit(str(request.url))
    if parts.scheme == "https":
        request.headers["Host"] = parts.netloc
        request.url = urlunsplit(("http", f"127.0.0.1:{os.environ['REHEARSAL_PORT']}", parts.path, parts.query, ""))
    return genuine(adapter, request, *args, **{**kwargs, "proxies": None})


HTTPAdapter.send = send  # type: ignore[method-assign]
