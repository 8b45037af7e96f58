"""PromptLayout: how a request's body becomes the prompt whose beginning a cache knows again."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["PromptLayout"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PromptLayout:
    """Where a dialect's requests hold the parts of the prompt, and what of them is no part of it.

    Attributes
    ----------
    tools, system, messages : tuple of str
        Keys of the body that hold the tools, the system's words and what was said. Any other key
        is an option.
    outside : frozenset of str
        Keys of options, at the top or inside another, that reach no prompt: sampling, limits,
        how the answer is sent. A change in them leaves a cache as it is.
    data : frozenset of str
        Keys that hold the user's own JSON, in which the order of names is part of the prompt.
    blocks : frozenset of str
        Keys under which a text may stand alone or as the only item of a list, which is the same.
    plain_types : frozenset of str
        The ``type`` of blocks and messages that says no more than that they are what they are.
    secrets : frozenset of str
        Keys whose value is compared, and never shown.
    marks : frozenset of str
        Keys of marks that say up to where the prompt is to be cached; they are no part of it.
    lifetime : str
        The key inside a mark that says for how long.
    retention : frozenset of str
        Keys of the body that say for how long.
    is_marked_only : bool
        Whether nothing is cached without a mark.
    is_raw : bool
        Whether the messages are the prompt's text itself, which may go on where it ended.
    special : frozenset of str
        Keys whose texts are not read as any other: ``data``, ``blocks``, ``secrets``.
    """

    tools: tuple[str, ...] = ("tools",)
    system: tuple[str, ...] = ()
    messages: tuple[str, ...] = ("messages",)
    outside: frozenset[str] = frozenset()
    data: frozenset[str] = frozenset()
    blocks: frozenset[str] = frozenset()
    plain_types: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()
    lifetime: str = "ttl"
    retention: frozenset[str] = frozenset()
    is_marked_only: bool = False
    is_raw: bool = False
    special: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "special", self.data | self.blocks | self.secrets)
