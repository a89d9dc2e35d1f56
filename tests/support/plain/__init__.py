"""Plain values for tests of the rules, without any database."""
