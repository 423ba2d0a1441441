"""When Python looks for what nobody needs any more: while nobody types.

Looking through everything takes a tenth of a second and more, during which no key is heard; by itself Python would
do it in the middle of an act. So the young are looked through as ever, and the rest in a quiet moment; what has been
loaded to stay is not looked through again until there is a long rest.
"""

from __future__ import annotations

import gc
import time
from typing import Final

#: seconds without a key after which there is time for it, and for a thorough look
QUIET: Final = 2.0
REST: Final = 600.0
#: collections of the young since the last look that make one worth while
_WORTH: Final = 10
#: seconds after which what was looked through is taken for what stays
_LONG: Final = 0.02
_NEVER: Final = 1_000_000


class Tidying:
    """Looks when it is told how long it has been quiet. One in a process, for as long as the console lives."""

    def __init__(self) -> None:
        #: something that stays has been loaded or made: it is not looked through first
        self.loaded = True
        self._rested = False
        self._former = gc.get_threshold()

    def begin(self) -> None:
        """From now on only the young are looked through by themselves."""
        gc.set_threshold(*self._former[:2], _NEVER)
        gc.enable()

    def end(self) -> None:
        """As Python does it again."""
        gc.set_threshold(*self._former)

    def tidy(self, quiet: float) -> None:
        """Do what there is time for after so many seconds without a key."""
        if quiet < QUIET:
            self._rested = False
        elif self.loaded:
            self.loaded = False
            gc.freeze()
        elif quiet > REST and not self._rested:
            self._rested = True
            gc.unfreeze()
            gc.collect()
            gc.freeze()
        elif gc.get_count()[2] >= _WORTH:
            began = time.thread_time()
            gc.collect()
            if time.thread_time() - began > _LONG:
                gc.freeze()
