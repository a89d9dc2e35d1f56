"""The pages of the field and status mapping."""
