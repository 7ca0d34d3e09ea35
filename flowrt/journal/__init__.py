"""Store and forward: messages kept on disk until whoever they are for has taken them."""

from flowrt.journal.journal import Entry, Journal
from flowrt.journal.options import JOURNAL_SCHEMA, JournalOptions

__all__ = ["JOURNAL_SCHEMA", "Entry", "Journal", "JournalOptions"]
