"""Everything that a running Twinbook consists of, started and stopped together: `make demo`, `make serve`."""
