"""What keeps a file from being written, in a sentence with its remedy."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final

from flowrt.node import Unavailable

__all__ = ["DISK_FULL", "NOT_ALLOWED", "unavailable"]

DISK_FULL: Final = "Free some space, or keep less: see the node's settings."
NOT_ALLOWED: Final = "Let the user that runs flowrt write there, or choose another place."
_OTHER_PLACE: Final = "Choose another place."
_REMEDIES: Final = {
    errno.ENOSPC: DISK_FULL,
    errno.EDQUOT: DISK_FULL,
    errno.EACCES: NOT_ALLOWED,
    errno.EPERM: NOT_ALLOWED,
    errno.EROFS: NOT_ALLOWED,
    errno.ENOTDIR: _OTHER_PLACE,
    errno.EEXIST: _OTHER_PLACE,
    errno.EISDIR: "Name a file, not a folder.",
    errno.EWOULDBLOCK: "Another node or program writes it: give each a file of its own.",
    errno.EIO: "The disk may be failing: see the system's log.",
}


def unavailable(file: Path, error: OSError) -> Unavailable:
    """An operating system's error as a fault that names file, reason and remedy."""
    reason = (error.strerror or type(error).__name__).lower()
    remedy = _REMEDIES.get(error.errno or 0, "")
    return Unavailable(f"{file}: cannot be written: {reason}. {remedy}".rstrip())
