"""Whether what a server runs on is installed: starlette and uvicorn are an extra."""

from __future__ import annotations

from importlib import import_module

__all__ = ["check_installed"]


def check_installed(owner: str) -> None:
    """Raise an ImportError that says how to install what is missing.

    Parameters
    ----------
    owner : str
        The class that needs it, for the message.
    """
    try:
        for name in ("starlette", "uvicorn"):
            import_module(name)
    except ImportError as error:
        raise ImportError(
            f"{owner} needs starlette and uvicorn, and {error.name!r} is not installed: "
            "pip install 'chatviz-inspector[server]'."
        ) from error
