"""What requests carry to their own host alone: OwnHeaders, the key included, and OwnQuery.

No value of them is shown anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias
from urllib.parse import urlencode

from chatviz.cassettes.redaction.rules import DEFAULT_RULES
from chatviz.cassettes.redaction.values import header_secrets
from chatviz.errors import EndpointError
from chatviz.given_values import holds_key
from chatviz.transports.endpoint.api_key import ApiKey, is_header_value

if TYPE_CHECKING:
    import httpx

__all__ = ["CarriedHeaders", "OwnHeaders", "OwnQuery", "Signer"]

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


Signer: TypeAlias = "Callable[[httpx.Request], None]"


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


class OwnHeaders:
    """The headers of one endpoint's requests; its repr names them and shows no value.

    Parameters
    ----------
    headers : mapping of str to str
    key : ApiKey
    write_key : callable
        Returns the headers that carry a key.
    sign : callable | None
        Signs a request that goes to its own server, in place of a key.
    base_url : str
        Where they may go; to no other scheme, host or port.
    query : OwnQuery
        What the URL holds besides: its secrets are looked for in answers, too.

    Raises
    ------
    TypeError
        A name or a value is no text, or the signer no function; none of them is quoted.
    EndpointError
        A name or a value cannot be sent; no value is quoted.
    """

    __slots__ = ("_base_url", "_headers", "_key", "_query", "_sign", "_write_key")

    def __init__(
        self,
        headers: Mapping[str, str],
        *,
        key: ApiKey,
        base_url: str,
        query: OwnQuery,
        write_key: Callable[[str], Mapping[str, str]] = _bearer,
        sign: Signer | None = None,
    ) -> None:
        _check_mapping(headers, "headers")
        if sign is not None and not callable(sign):
            raise TypeError(f"signer should be a function; found {type(sign).__name__!r}.")
        self._headers = dict(_check(name, value) for name, value in headers.items())
        self._key = key
        self._base_url = base_url
        self._query = query
        self._write_key = write_key
        self._sign = sign

    def carry(self, *, with_key: bool) -> CarriedHeaders:
        """Return what one request carries, from now until it has been answered."""
        headers = dict(self._headers)
        sign = self._sign if with_key else None
        if with_key and sign is None and self._key.is_wanted:
            headers = {**self._write_key(self._key.reveal()), **headers}
        return CarriedHeaders(headers, base_url=self._base_url, query=self._query, sign=sign)

    def __repr__(self) -> str:
        return f"<headers {', '.join(map(repr, self._headers))}; values not shown>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("these headers may hold a key, and are not written anywhere.")


class CarriedHeaders:
    """The headers of one request while it is under way: put on it, and taken off it again.

    An httpx error, its traceback and a response all keep their request: once an answer has come,
    or failed to, no request holds a header of ours any more.
    """

    __slots__ = ("_base_url", "_headers", "_sign", "_signed", "secrets")

    def __init__(
        self,
        headers: dict[str, str],
        *,
        base_url: str,
        query: OwnQuery,
        sign: Signer | None = None,
    ) -> None:
        self._headers = headers
        self._sign = sign
        self._base_url = base_url
        self._signed: list[httpx.Request] = []
        own = header_secrets({name: [each] for name, each in headers.items()})
        self.secrets = _Hidden([*own, *query.secrets()])

    def sign(self, request: httpx.Request) -> None:
        """Add the headers where the request goes to its own server; take them off elsewhere."""
        own = type(request.url)(self._base_url)
        self._signed.append(request)
        if (request.url.scheme, request.url.netloc) == (own.scheme, own.netloc):
            request.headers.update(self._headers)
            if self._sign is not None:
                before = set(request.headers)
                self._sign(request)
                self._headers |= {name: "" for name in request.headers if name not in before}
        else:
            self._take_off(request)

    async def sign_async(self, request: httpx.Request) -> None:
        """Do the same for an async client."""
        self.sign(request)

    def withdraw(self) -> None:
        """Take the headers off every request that they were put on."""
        while self._signed:
            self._take_off(self._signed.pop())

    def __repr__(self) -> str:
        return f"<headers {', '.join(map(repr, self._headers))}; values not shown>"

    def _take_off(self, request: httpx.Request) -> None:
        for name in self._headers:
            request.headers.pop(name, None)


class OwnQuery:
    """The parameters of one endpoint's URLs; its repr names them and shows no value.

    Parameters
    ----------
    parameters : mapping of str to str

    Raises
    ------
    TypeError
        They are none; no value is quoted.
    """

    __slots__ = ("_parameters",)

    def __init__(self, parameters: Mapping[str, str]) -> None:
        _check_mapping(parameters, "query")
        self._parameters = dict(
            _check_texts(name, value, "query") for name, value in parameters.items()
        )

    def encode(self) -> str:
        """Return them as they stand in a URL."""
        return urlencode(self._parameters)

    def secrets(self) -> Iterator[str]:
        """Yield the values that are secret: by their names, or by what they look like."""
        for name, value in self._parameters.items():
            if DEFAULT_RULES.is_secret(name) or holds_key(str(value)):
                yield str(value)

    def __repr__(self) -> str:
        return f"<query {', '.join(map(repr, self._parameters))}; values not shown>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("these parameters may hold a key, and are not written anywhere.")


class _Hidden(tuple[str, ...]):
    """Texts that no repr shows."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} secrets, not shown>"


def _check_mapping(given: object, named: str) -> None:
    """Refuse what maps nothing; it may hold a key, and is not shown."""
    if not isinstance(given, Mapping):
        raise TypeError(f"{named} should be a dict of texts; found {type(given).__name__!r}.")


def _check_texts(name: object, value: object, named: str) -> tuple[str, str]:
    if not isinstance(name, str) or not isinstance(value, str):
        found = f"{type(name).__name__!r} to {type(value).__name__!r}"
        raise TypeError(f"{named} should map texts to texts; found {found}.")
    return name, value


def _check(given_name: object, value: object) -> tuple[str, str]:
    name, text = _check_texts(given_name, value, "headers")
    stripped = text.strip()
    if not _NAME.fullmatch(name) or (stripped and not is_header_value(stripped)):
        shown = repr(name) if _NAME.fullmatch(name) else "one of the headers"
        raise EndpointError(
            f"{shown} cannot be sent: names are ASCII letters, digits and a few signs, values "
            "printable ASCII in one line."
        )
    return name, stripped
