"""Trying again what can pass by itself: a network that stutters, a file that somebody has locked.

Three tries, one and two seconds apart, and every one that failed is said. What a second try cannot
mend (a file that is not there, a permission, bad data) fails at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

TRIES = 3
_FIRST_PAUSE_SECONDS = 1.0
_LASTING = (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError)

T = TypeVar("T")


def patiently(
    what: str,
    action: Callable[[], T],
    progress: Callable[[str], None],
    passing: type[Exception] = OSError,
) -> T:
    """The result of an action, which is tried again when it fails for a reason that can pass.

    Args:
        what: the action in words, as in "listing s3://shop/pos".
        passing: the errors that can pass; of them, those of a file that is not there or not ours
            to read do not.

    Raises:
        the last try's error.
    """
    # Slow to import, and the commands that only look come by here.
    from tenacity import (
        RetryCallState,
        Retrying,
        retry_if_exception,
        stop_after_attempt,
        wait_exponential,
    )

    def say(state: RetryCallState) -> None:
        assert state.outcome is not None and state.next_action is not None
        reason = type(state.outcome.exception()).__name__
        progress(
            f"{what} failed ({reason}), try {state.attempt_number} of {TRIES}; "
            f"again in {state.next_action.sleep:.0f} s"
        )

    return Retrying(
        stop=stop_after_attempt(TRIES),
        wait=wait_exponential(multiplier=_FIRST_PAUSE_SECONDS),
        retry=retry_if_exception(
            lambda error: isinstance(error, passing) and not isinstance(error, _LASTING)
        ),
        before_sleep=say,
        reraise=True,
    )(action)
