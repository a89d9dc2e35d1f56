"""The actions on a finished preview."""
