"""What there is to choose from when a configuration is made."""

from dataclasses import dataclass

from pydantic import SecretStr

from alleaves_sync.alleaves import AlleavesClient, Area, PosLocation
from alleaves_sync.config import AlleavesSettings
from alleaves_sync.transport import Budget

_SECONDS = 60.0
# A login needs no location; the settings of a client do.
_NO_LOCATION_YET = 1


@dataclass(frozen=True, slots=True)
class Account:
    """A login to Alleaves, before anything else is known."""

    base_url: str
    username: str
    password: SecretStr
    pin: SecretStr | None = None

    def settings(self, location_id: int = _NO_LOCATION_YET) -> AlleavesSettings:
        """The account as a client wants it. Raises pydantic's ValidationError."""
        return AlleavesSettings(
            base_url=self.base_url,
            location_id=location_id,
            username=self.username,
            password=self.password,
            pin=self.pin,
        )


def locations_of(account: Account) -> tuple[PosLocation, ...]:
    """The active locations that the account sees. Raises LoginRefused, ServiceError."""
    with AlleavesClient(account.settings(), Budget(_SECONDS)) as client:
        return tuple(location for location in client.locations() if location.active)


def areas_of(account: Account, location_id: int) -> tuple[Area, ...]:
    """The areas of a location. Raises LoginRefused, ServiceError."""
    with AlleavesClient(account.settings(location_id), Budget(_SECONDS)) as client:
        return tuple(area for area in client.areas() if not area.deleted)
