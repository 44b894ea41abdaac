"""The report as one HTML page: pure, from a report's values to text. No script, nothing from outside."""

from alleaves_sync.cli.views.page.page import page

__all__ = ["page"]
