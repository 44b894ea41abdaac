"""What is remembered between runs: one SQLite file, and the locks and the key beside it."""

from alleaves_sync.state.care import Contents, backup
from alleaves_sync.state.file import StateFile
from alleaves_sync.state.locks import RunLock
from alleaves_sync.state.patients import PatientLinks
from alleaves_sync.state.records import (
    ChangeAction,
    ChangeRecord,
    ItemRecord,
    ItemStatus,
    LinkKind,
    OrderRecord,
    OrderState,
    RunRecord,
    StepRecord,
    StepResult,
)

__all__ = [
    "ChangeAction",
    "ChangeRecord",
    "Contents",
    "ItemRecord",
    "ItemStatus",
    "LinkKind",
    "OrderRecord",
    "OrderState",
    "PatientLinks",
    "RunLock",
    "RunRecord",
    "StateFile",
    "StepRecord",
    "StepResult",
    "backup",
]
