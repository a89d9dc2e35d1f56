"""The switches of automatic sync, and the steps of the set-up."""
