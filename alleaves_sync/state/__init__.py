"""What is remembered between runs: one SQLite file, and the locks beside it."""

from alleaves_sync.state.file import StateFile
from alleaves_sync.state.locks import RunLock
from alleaves_sync.state.records import ChangeAction, ChangeRecord, ItemRecord, ItemStatus, RunRecord

__all__ = ["ChangeAction", "ChangeRecord", "ItemRecord", "ItemStatus", "RunLock", "RunRecord", "StateFile"]
