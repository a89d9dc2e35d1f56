"""Redis gone, refusing, wiped, or holding what it should not."""
