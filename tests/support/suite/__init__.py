"""The suite itself: its order, its parts, and what is looked for in its sources and its output."""
