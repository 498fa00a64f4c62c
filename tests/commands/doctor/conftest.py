"""Keeps this machine's own settings out."""

from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]

SETTINGS = (
    "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy",
    "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "FLEXSSO_RUN",
)  # fmt: skip


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxy, no authorities, a runs folder of its own, and no Jupyter configuration."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FLEXSSO_HOME", str(PROJECT))
    monkeypatch.setenv("FLEXSSO_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter"))
