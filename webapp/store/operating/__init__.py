"""Copies of the whole database, and what is in one."""
