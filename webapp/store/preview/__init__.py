"""What a preview has planned, and what lies over what is here."""
