"""The programs that `make demo` and `make serve` start and stop together."""
