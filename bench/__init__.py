"""How fast Twinbook is, how much memory it takes, and against what that is measured: `make bench`."""
