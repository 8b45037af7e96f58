"""botocore_signer: requests to AWS, signed by botocore with the credentials that it finds."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from chatviz.errors import EndpointError

if TYPE_CHECKING:
    import httpx

__all__ = ["botocore_signer"]


def botocore_signer(region: str, *, service: str = "bedrock") -> Callable[[httpx.Request], None]:
    """Return a function that signs requests (AWS Signature Version 4) by botocore.

    Parameters
    ----------
    region : str
        ``"us-east-1"`` ….
    service : str
        The name under which the service signs.

    Raises
    ------
    EndpointError
        botocore is not installed, or finds no credentials.
    """
    try:
        auth, awsrequest = import_module("botocore.auth"), import_module("botocore.awsrequest")
        session = import_module("botocore.session").get_session()
    except ImportError:
        raise EndpointError(
            "a signer for AWS needs botocore, which is not installed: install it, hand in a "
            "signer of your own, or use a bearer key (AWS_BEARER_TOKEN_BEDROCK)."
        ) from None
    credentials = session.get_credentials()
    if credentials is None:
        raise EndpointError("botocore finds no AWS credentials: configure them, or use a key.")

    def sign(request: httpx.Request) -> None:
        headers = {"host": request.url.netloc.decode(), "content-type": "application/json"}
        unsigned: Any = awsrequest.AWSRequest(
            method=request.method, url=str(request.url), data=request.content, headers=headers
        )
        auth.SigV4Auth(credentials.get_frozen_credentials(), service, region).add_auth(unsigned)
        request.headers.update(dict(unsigned.headers))

    return sign
