"""Links from a medical ID or a phone to profiles of the POS, so that the next order costs one call.

They are of an account, whose profiles all its locations share.

Only keyed hashes are kept (U6): a hash without a key is no secret, since all phones can be tried in a minute.
The key lies beside the state file. Links say where to look, never who somebody is: the POS is asked again.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import mkstemp

from alleaves_sync.errors import WriteFailed
from alleaves_sync.state.file import StateFile
from alleaves_sync.state.records import LinkKind
from alleaves_sync.state.transactions import reading

_KEY_BYTES = 32
_PERSON = "person"
# A POS that shows a new profile later than this has lost it.
_MADE_LATELY = timedelta(days=1)


class PatientLinks:
    """The links of one account. Values are normalised text: equal people must be spelled equally.

    Asking changes nothing, and finds nothing where there is no key. The first write makes the key (mode 0600)
    and drops the links of one that was lost. Raises as `StateFile` does.
    """

    def __init__(self, state: StateFile, account: str) -> None:
        self.key_path = state.path.with_name(f"{state.path.name}.key")
        self._state = state
        self._account = account
        self._key: bytes | None = None

    def find(self, kind: LinkKind, value: str) -> tuple[int, ...]:
        """The profiles that had the value when they were last seen, lowest id first."""
        key = self._known_key()
        if key is None:
            return ()
        return self._state.linked_customers(self._account, kind, self._digest(key, kind, value))

    def add(self, kind: LinkKind, value: str, id_customer: int) -> None:
        """Note that the profile has the value."""
        digest = self._digest(self._key_or_new(), kind, value)
        self._state.link_customers(self._account, [(kind, digest, id_customer)])

    def drop(self, id_customer: int) -> None:
        """Forget the profile: the POS says otherwise, or does not have it any more."""
        self._state.unlink_customer(self._account, id_customer)

    def replace_all(self, links: Iterable[tuple[LinkKind, str, int]], at: datetime) -> None:
        """Make (kind, value, id_customer) all that is known: everybody was scanned at `at` (U2)."""
        key = self._key_or_new()
        # All of them first: what they come from may ask the POS, and a transaction must not wait for it.
        hashed = {(kind, self._digest(key, kind, value), customer) for kind, value, customer in links}
        self._state.replace_links(self._account, hashed, at, _check(key))

    def made_lately(self, person: str, now: datetime) -> int | None:
        """The profile that this program made for exactly this `person`; the POS may not show it yet."""
        key = self._known_key()
        if key is None:
            return None
        digest = self._digest(key, _PERSON, person)
        return self._state.profile_made(self._account, digest, now - _MADE_LATELY)

    def note_made(self, person: str, id_customer: int, now: datetime) -> None:
        """Note that this program made the profile for `person`: all that says who it is, spelled equally."""
        digest = self._digest(self._key_or_new(), _PERSON, person)
        self._state.note_profile_made(self._account, digest, id_customer, now, now - _MADE_LATELY)

    def indexed_at(self) -> datetime | None:
        """When everybody was last scanned; None where that is not known, or was under another key."""
        key = self._known_key()
        return None if key is None else self._state.links_scanned_at(self._account, _check(key))

    def _digest(self, key: bytes, kind: str, value: str) -> str:
        message = f"{self._account}\0{kind}\0{value}"
        return hmac.digest(key, message.encode(errors="replace"), hashlib.sha256).hex()

    def _known_key(self) -> bytes | None:
        if self._key is None:
            self._key = _read_key(self.key_path)
        return self._key

    def _key_or_new(self) -> bytes:
        key = self._known_key()
        if key is None:
            self._state.forget_links()
            key = self._key = _make_key(self.key_path)
        return key


def _check(key: bytes) -> str:
    """Tells one key from another without telling anything of either."""
    return hmac.digest(key, b"key", hashlib.sha256).hex()[:16]


def _read_key(path: Path) -> bytes | None:
    with reading(path):
        try:
            key = path.read_bytes()
        except FileNotFoundError:
            return None
    return key if len(key) == _KEY_BYTES else None


def _make_key(path: Path) -> bytes:
    """A new key on the disk, whole; or the one that another process has made meanwhile."""
    try:
        descriptor, name = mkstemp(prefix=f"{path.name}.", dir=path.parent)  # mode 0600, O_EXCL
        draft = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(_KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            _put_in_place(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise WriteFailed(path, error.strerror or str(error)) from error
    key = _read_key(path)
    if key is None:
        raise WriteFailed(path, "the key cannot be read back")
    return key


def _put_in_place(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)  # unlike a rename, never over a key that is in use
    except FileExistsError:
        if _read_key(path) is None:  # cut short, or of another kind: as good as lost
            draft.replace(path)
