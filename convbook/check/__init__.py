"""What helps a student while solving, and a reader in the page: visible tests, other inputs, hints at known errors."""

from convbook.check.report import check

__all__ = ["check"]
