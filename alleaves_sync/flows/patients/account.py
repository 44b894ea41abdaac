"""What a POS account is called where its name must not stand."""

from hashlib import sha256

from alleaves_sync.config import AlleavesSettings

_DIGITS = 16


def account_of(settings: AlleavesSettings) -> str:
    """A short name for the account: the same for all its locations, whatever their password or pin."""
    text = f"{settings.base_url.lower()}\0{settings.username.casefold()}"
    return sha256(text.encode()).hexdigest()[:_DIGITS]
