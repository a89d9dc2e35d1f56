"""Push: the facts that are gathered for a page, announcements, writes, and the outbox."""
