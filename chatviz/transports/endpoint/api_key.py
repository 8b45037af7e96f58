"""ApiKey: a secret that shows itself nowhere; it is found when it is needed, and not before."""

from __future__ import annotations

import getpass
import os
import re
from collections.abc import Callable
from typing import Final, NoReturn

from chatviz.dialects.hosts import find_host
from chatviz.errors import EndpointError

__all__ = ["ApiKey", "is_header_value"]

_LOCAL: Final = frozenset(("localhost", "127.0.0.1", "::1"))
_HEADER_VALUE: Final = re.compile(r"[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?")


class ApiKey:
    """The key of one endpoint: given, or found in the environment, or asked for once.

    It is in no repr, cannot be pickled or copied into a widget's state, and is read only while a
    request is being sent. White space around it (the line break at the end of a file) is no part
    of it.

    Parameters
    ----------
    given : str | callable | None
        The key, or a function that returns it. An empty one counts as none.
    host : str
        Whose key it is: it tells the environment variable to look into. A server on this machine
        wants no key, unless one is given.
    ask : callable
        Asks a person without showing what is typed.

    Raises
    ------
    TypeError
        The key is neither text nor a function.
    EndpointError
        It cannot be sent as a header.
    """

    __slots__ = ("_ask", "_given", "_host", "_variable", "is_wanted")

    def __init__(
        self,
        given: str | Callable[[], str] | None,
        *,
        host: str,
        ask: Callable[[str], str] = getpass.getpass,
    ) -> None:
        known = find_host(host)
        self._variable = "" if known is None else known.key_variable
        self._host = host
        self._ask = ask
        self._given = given if callable(given) else self._check(given) or None
        self.is_wanted = self._given is not None or host not in _LOCAL

    def find(self) -> None:
        """Make sure that there is a key, asking for it where there is none.

        Raises
        ------
        EndpointError
            There is none, and nobody to ask; the message names the variable.
        """
        if not self.is_wanted or self._given is not None or self._in_environment():
            return
        where = f" Set {self._variable}, or give api_key=…." if self._variable else ""
        try:
            typed = self._ask(f"Key for {self._host} (not shown): ")
        except (EOFError, OSError, RuntimeError, NotImplementedError):
            typed = ""  # nobody to ask: a script, or a notebook that is run by a machine
        self._given = self._check(typed) or None
        if self._given is None:
            raise EndpointError(f"{self._host} wants a key, and there is none.{where}")

    def reveal(self) -> str:
        """Return the secret; only for the header of a request to its own host.

        Raises
        ------
        TypeError, EndpointError
            The function that was given returned no text, or what cannot be sent as a header.
        """
        if callable(self._given):
            return self._check(self._given())
        return self._given or self._in_environment()

    def __repr__(self) -> str:
        return f"<key for {self._host}, not shown>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not written anywhere: set it in the environment instead.")

    def _in_environment(self) -> str:
        return self._check(os.environ.get(self._variable)) if self._variable else ""

    def _check(self, key: object) -> str:
        """Return a key without the white space around it; an error never quotes it."""
        if key is None:
            return ""
        if not isinstance(key, str):
            raise TypeError(
                f"the key for {self._host} should be text, or a function that returns text; found "
                f"{type(key).__name__!r}."
            )
        stripped = key.strip()
        if stripped and not is_header_value(stripped):
            raise EndpointError(
                f"the key for {self._host} cannot be sent as a header: it holds a line break, a "
                "control character or a letter beyond ASCII. Copy it again."
            )
        return stripped


def is_header_value(text: str) -> bool:
    """Say whether a text can be sent as the value of a header: printable ASCII (RFC 9110, 5.5)."""
    return _HEADER_VALUE.fullmatch(text) is not None
