"""What a Push gathers, announces and writes; the outbox."""
