"""When a recorder plays and when it records: four modes, in the words that people know from vcrpy.

============  ===========================================  =====================================
mode          a request that the file answers              any other request
============  ===========================================  =====================================
none          is played                                    is a miss: nothing reaches the network
once          is played                                    is a miss; where there was no file yet,
                                                           everything is recorded
new_episodes  is played                                    is recorded behind what is there
all           is recorded anew, and takes its place        is recorded behind what is there
============  ===========================================  =====================================

What is recorded now is played from the next time on, so that a retry reaches the server. Vcrpy's
``all`` keeps the old answer in front of the new one, which then is never played; ours replaces it.
"""

from __future__ import annotations

import os
from typing import Literal, TypeAlias, cast, get_args

from chatviz.given_values import shown

__all__ = ["MODE_VARIABLE", "Mode", "choose_mode"]

Mode: TypeAlias = Literal["none", "once", "new_episodes", "all"]

MODE_VARIABLE = "CHATVIZ_MODE"
"""Where it is set, it is the mode, whatever the code says: ``CHATVIZ_MODE=none`` for CI."""


def choose_mode(mode: str) -> Mode:
    """Return the mode that holds: the environment's, or the one given.

    Raises
    ------
    ValueError
        It is none of the four; the message says where it was found.
    """
    chosen, place = mode, "mode"
    if forced := os.environ.get(MODE_VARIABLE):
        chosen, place = forced, f"the environment variable {MODE_VARIABLE}"
    if chosen not in get_args(Mode):
        names = ", ".join(repr(name) for name in get_args(Mode))
        raise ValueError(f"{place} should be one of {names}, and is {shown(chosen)}.")
    return cast(Mode, chosen)
