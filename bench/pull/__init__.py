"""Pulls measured."""
