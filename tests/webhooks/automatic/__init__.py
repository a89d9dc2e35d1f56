"""Edits here that go to HubSpot by themselves, and what may hold them back."""
