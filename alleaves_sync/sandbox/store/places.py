"""The locations of the invented company and the areas in them."""

from typing import Final

from alleaves_sync.sandbox.constants import LOCATION_ID, PLANTED_SECRETS, Record

#: Locations after the first take these zones in turn, so that local dates differ between them.
TIMEZONES: Final = ("America/New_York", "America/Denver", "America/Los_Angeles", "America/Chicago")
NAMES: Final = ("Example Store", "Example Store Uptown", "Example Store West", "Example Store Lake")

#: key, name, path, type, priority. The key is this package's own; the spaces are the POS's.
AREAS: Final = (
    ("floor", "Sales Floor ", "Sales Floor ", "Retail", 1),
    ("quarantine", "Quarantine ", "Quarantine ", "Damaged", None),
    ("vault", "Vault", "Back Room/Vault", "Storage", None),
    ("destruction", "Destruction", "Destruction", "scrap", None),
    ("express", "Express Case", "Sales Floor /Express Case", "Retail", 1),
)

#: The columns of a row that lies nowhere: a batch that is sold out.
NOWHERE: Final[Record] = {
    "id_area": None,
    "area": None,
    "area_path": None,
    "area_type": None,
    "priority": None,
    "has_owned_batch": False,
}


def make_location(index: int) -> Record:
    """A record of `GET /location`, secrets included."""
    name = NAMES[index] if index < len(NAMES) else f"Example Store {index + 1}"
    return {
        "id_location": LOCATION_ID + index,
        "location": name,
        "reference": f"EX-{index + 1:02d}",
        "timezone": TIMEZONES[index % len(TIMEZONES)],
        "active": True,
        "is_adult_use": True,
        "is_medical_use": True,
        "pickup": True,
        "delivery": True,
        "license_number": f"XXX-RETL-00-{index + 1:06d}",
        **PLANTED_SECRETS,
    }


def make_areas(index: int) -> dict[str, Record]:
    """The areas of one location by key. The first location has 1000 to 1004, the second 1010 and so on."""
    return {
        key: {
            "id_area": 1000 + 10 * index + number,
            "id_location": LOCATION_ID + index,
            "name": name,
            "path": path,
            "area_type": kind,
            "id_status": 1,
            "deleted": False,
            "priority": priority,
        }
        for number, (key, name, path, kind, priority) in enumerate(AREAS)
    }


def area_columns(area: Record) -> Record:
    """What a row says about the area in which it lies."""
    return {
        "id_area": area["id_area"],
        "area": area["name"],
        "area_path": area["path"],
        "area_type": area["area_type"],
        "priority": area["priority"],
        "has_owned_batch": True,
    }
