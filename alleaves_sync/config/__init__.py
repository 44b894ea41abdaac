"""The configuration: `find_config` says where it is, `load` reads it, all its problems told at once."""

from alleaves_sync.config.loading import find_config, load
from alleaves_sync.config.settings import (
    AiqSettings,
    AlleavesSettings,
    CategorySettings,
    FieldSettings,
    InventorySettings,
    Location,
    LocationSettings,
    Menu,
    MonitoringSettings,
    OrderSettings,
    OtdPricing,
    PatientSettings,
    Settings,
    TierSettings,
)

__all__ = [
    "AiqSettings",
    "AlleavesSettings",
    "CategorySettings",
    "FieldSettings",
    "InventorySettings",
    "Location",
    "LocationSettings",
    "Menu",
    "MonitoringSettings",
    "OrderSettings",
    "OtdPricing",
    "PatientSettings",
    "Settings",
    "TierSettings",
    "find_config",
    "load",
]
