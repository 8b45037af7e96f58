"""What is written in place of a secret: the name of a type, a variable, a mask."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["is_placeholder"]

_PLACEHOLDER: Final = re.compile(
    rb"(?i)(?:string|number|integer|boolean|object|array|null|none|true|false|undefined|required|"
    rb"optional|auto|never|always|basic|bearer|digest|oauth2?|api_?key|token|password|secret|"
    rb"[*x._-]+|(?:\xe2\x80\xa2)+|<[^<>]*>|\$?\{+[^{}]*\}+|\$[A-Za-z_(].*|%[a-z0-9_]+%|"
    rb"REDACTED.*|(?:your|my|insert|the)[_ -].*|os\.environ.*|process\.env.*|getenv.*)"
)


def is_placeholder(value: bytes) -> bool:
    """Say whether a value stands for a secret and is none."""
    return _PLACEHOLDER.fullmatch(value) is not None
