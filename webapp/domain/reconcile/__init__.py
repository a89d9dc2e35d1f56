"""When missed changes are looked for."""
