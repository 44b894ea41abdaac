"""The configuration: `find_config` says where it is, `load` reads it, all its problems told at once."""

from alleaves_sync.config.loading import SHARE_OF_INTERVAL, find_config, load
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
    "SHARE_OF_INTERVAL",
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
