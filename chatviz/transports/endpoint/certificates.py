"""The certificates that servers are held to, read once: it takes 20 ms, for each request anew."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import ssl

__all__ = ["certificates"]

_PLACES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")  # the variables that httpx heeds


def certificates() -> ssl.SSLContext:
    """Return what httpx verifies servers by, as the environment's variables have it now."""
    return _read_certificates(tuple(map(os.environ.get, _PLACES)))


@lru_cache(maxsize=4)
def _read_certificates(places: tuple[str | None, ...]) -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context()
