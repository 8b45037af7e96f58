"""ApiKey: a secret that shows itself nowhere; it is found when it is needed, and not before."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Mapping
from typing import Final, NoReturn

from chatviz.errors import EndpointError

__all__ = ["ApiKey"]

# Where a host's key is looked for, when none is given.
_VARIABLES: Final[Mapping[str, str]] = {
    "openrouter.ai": "OPENROUTER_API_KEY",
    "api.openai.com": "OPENAI_API_KEY",
    "api.groq.com": "GROQ_API_KEY",
    "api.x.ai": "XAI_API_KEY",
    "api.mistral.ai": "MISTRAL_API_KEY",
    "api.deepseek.com": "DEEPSEEK_API_KEY",
    "ai-gateway.vercel.sh": "AI_GATEWAY_API_KEY",
}
_LOCAL: Final = frozenset(("localhost", "127.0.0.1", "::1"))


class ApiKey:
    """The key of one endpoint: given, or found in the environment, or asked for once.

    It is in no repr, cannot be pickled or copied into a widget's state, and is read only while a
    request is being sent.

    Parameters
    ----------
    given : str | callable | None
        The key, or a function that returns it.
    host : str
        Whose key it is: it tells the environment variable to look into. A server on this machine
        wants no key, unless one is given.
    ask : callable
        Asks a person without showing what is typed.
    """

    __slots__ = ("_ask", "_given", "_host", "_variable", "is_wanted")

    def __init__(
        self,
        given: str | Callable[[], str] | None,
        *,
        host: str,
        ask: Callable[[str], str] = getpass.getpass,
    ) -> None:
        self._given = given
        self._variable = _VARIABLES.get(host, "")
        self._host = host
        self._ask = ask
        self.is_wanted = given is not None or host not in _LOCAL

    def find(self) -> None:
        """Make sure that there is a key, asking for it where there is none.

        Raises
        ------
        EndpointError
            There is none, and nobody to ask; the message names the variable.
        """
        if not self.is_wanted or self._given is not None or os.environ.get(self._variable or "-"):
            return
        where = f" Set {self._variable}, or give api_key=…." if self._variable else ""
        try:
            self._given = self._ask(f"Key for {self._host} (not shown): ") or None
        except (EOFError, OSError, RuntimeError, NotImplementedError):
            self._given = None  # nobody to ask: a script, or a notebook that is run by a machine
        if self._given is None:
            raise EndpointError(f"{self._host} wants a key, and there is none.{where}")

    def reveal(self) -> str:
        """Return the secret; only for the header of a request to its own host."""
        if callable(self._given):
            return self._given()
        return self._given or os.environ.get(self._variable or "-", "")

    def __repr__(self) -> str:
        return f"<key for {self._host}, not shown>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not written anywhere: set it in the environment instead.")
