"""The extension of a Jupyter server: it adds the address of the pages."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from chatviz.doors.jupyter_extension.page_handler import ADDRESS, PageHandler

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

__all__: list[str] = []


def _load_jupyter_server_extension(app: ServerApp) -> None:
    """Begin to serve pages; Jupyter calls this where the extension is enabled."""
    from jupyter_server.utils import url_path_join

    application: Any = app.web_app
    address = url_path_join(application.settings["base_url"], ADDRESS)
    application.add_handlers(".*$", [(address, PageHandler, {"turn": asyncio.Lock()})])
