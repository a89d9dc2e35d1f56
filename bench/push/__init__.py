"""Pushes measured."""
