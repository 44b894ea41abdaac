"""A `crontab` program for tests: a real script on PATH that keeps one file, and says no when told to."""

import os
from pathlib import Path

import pytest

_SCRIPT = """\
#!/bin/sh
file="{folder}/tab"
echo "$@" >> "{folder}/asked"
if [ -e "{folder}/denied" ]; then
    echo "You (shop) are not allowed to use this program (crontab)" >&2
    exit 1
fi
case "$1" in
    -l) if [ -e "$file" ]; then cat "$file"; else echo "no crontab for shop" >&2; exit 1; fi ;;
    -r) rm "$file" ;;
    -) cat > "$file" ;;
esac
"""


class CrontabDouble:
    """The script in a folder of its own, first on PATH."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        folder.mkdir()
        self.folder = folder
        script = folder / "crontab"
        script.write_text(_SCRIPT.format(folder=folder))
        script.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    @property
    def content(self) -> bytes | None:
        """The crontab; None: there is none."""
        file = self.folder / "tab"
        return file.read_bytes() if file.exists() else None

    @content.setter
    def content(self, content: bytes) -> None:
        (self.folder / "tab").write_bytes(content)

    @property
    def writes(self) -> int:
        """How often the crontab was replaced or taken away."""
        file = self.folder / "asked"
        return sum(line != "-l" for line in file.read_text().splitlines()) if file.exists() else 0

    def deny(self) -> None:
        """From now on this user may not have a crontab."""
        (self.folder / "denied").touch()
