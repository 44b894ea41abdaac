"""The user's crontab, read and written as bytes through the `crontab` program: nobody else may touch it."""

import os
import re
import shutil
import subprocess

from alleaves_sync.errors import CrontabUnusable

_SECONDS = 30  # a `crontab` that has not answered by then waits for something that will not come
# The only words that mean "there is none yet" (Debian, cronie and macOS; BusyBox). Anything else is a
# refusal: taking it for an empty crontab would wipe one.
_NONE_YET = re.compile(rb"no crontab for|can't open '[^']*': no such file", re.IGNORECASE)


def read_crontab() -> bytes:
    """What `crontab -l` says; empty where there is no crontab yet. Raises CrontabUnusable."""
    ended = _crontab("-l")
    if ended.returncode == 0:
        return ended.stdout
    if _NONE_YET.search(ended.stderr):
        return b""
    raise _refused(ended)


def write_crontab(content: bytes) -> None:
    """Replace the crontab; an empty one is taken away. Raises CrontabUnusable, the old one intact."""
    ended = _crontab("-", content) if content else _crontab("-r")
    if ended.returncode != 0:
        raise _refused(ended)


def _crontab(argument: str, content: bytes | None = None) -> "subprocess.CompletedProcess[bytes]":
    program = shutil.which("crontab")
    if program is None:
        raise CrontabUnusable("missing")
    try:
        return subprocess.run(  # noqa: S603 - the program that owns crontabs, with an option of ours
            [program, argument],
            input=content,
            stdin=subprocess.DEVNULL if content is None else None,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
            env={**os.environ, "LC_ALL": "C"},
        )
    except subprocess.TimeoutExpired:
        raise CrontabUnusable("refused", f"no answer in {_SECONDS} seconds") from None
    except OSError as error:
        raise CrontabUnusable("refused", error.strerror or str(error)) from None


def _refused(ended: "subprocess.CompletedProcess[bytes]") -> CrontabUnusable:
    said = " ".join(ended.stderr.decode(errors="replace").split())
    return CrontabUnusable("refused", said or f"crontab ended with {ended.returncode}")
