"""What is remembered between runs: one SQLite file, and the locks and the key beside it."""

from alleaves_sync.state.care import Contents, backup
from alleaves_sync.state.file import StateFile
from alleaves_sync.state.locks import AccountLock, RunLock
from alleaves_sync.state.patients import PatientLinks
from alleaves_sync.state.records import (
    ChangeAction,
    ChangeRecord,
    Decided,
    ItemRecord,
    ItemStatus,
    LinkKind,
    OrderRecord,
    OrderState,
    RunRecord,
    StepRecord,
    StepResult,
)
from alleaves_sync.state.reporting import NamedChange, OffMenu, RunFigures

__all__ = [
    "AccountLock",
    "ChangeAction",
    "ChangeRecord",
    "Contents",
    "Decided",
    "ItemRecord",
    "ItemStatus",
    "LinkKind",
    "NamedChange",
    "OffMenu",
    "OrderRecord",
    "OrderState",
    "PatientLinks",
    "RunFigures",
    "RunLock",
    "RunRecord",
    "StateFile",
    "StepRecord",
    "StepResult",
    "backup",
]
