"""The fixed, invented facts of the sandbox: who may sign in, and with what.

They are constants and not options, so that a configuration written for one sandbox fits every other.
"""

from typing import Any, Final, TypeAlias

#: One JSON object as it goes over the wire. The sandbox handles foreign records and changes single
#: fields of them; giving each of the 110 columns a type would only repeat docs/contract.
Record: TypeAlias = dict[str, Any]

USERNAME: Final = "menu.sync@store.invalid"
PASSWORD: Final = "lantern-and-sedge-42"  # noqa: S105  invented; opens nothing but the sandbox
PIN: Final = "73152580"
LOCATION_ID: Final = 1000
COMPANY_ID: Final = 77
USER_ID: Final = 3001
API_KEY: Final = "sandbox-key-0123456789"
VENUE_ID: Final = "0123456789abcdef"

ALLEAVES_PREFIX: Final = "/api"
AIQ_PREFIX: Final = "/2023-03"
ADMIN_PREFIX: Final = "/_sandbox"

FIRST_ITEM_ID: Final = 4000
FIRST_BATCH_ID: Final = 4001
FIRST_CUSTOMER_ID: Final = 7000
FIRST_ORDER_ID: Final = 90001
FIRST_LINE_ID: Final = 500001

#: Between the item and batch ids of one location and the next.
IDS_PER_LOCATION: Final = 1_000_000

#: Secrets that `GET /location` hands out, as the real one does. None of them may ever be seen again.
PLANTED_SECRETS: Final = {
    "metrc_system_api_key": "PLANTED-metrc-5d1f0c77",
    "ommu_api_security_token": "PLANTED-ommu-91ab3e20",
    "vt_client_secret": "PLANTED-vt-c0ffee4411",
    "biotrack_password": "PLANTED-biotrack-77e1",
}
