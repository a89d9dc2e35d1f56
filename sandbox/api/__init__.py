"""The sandbox portal's API: a module for each family of paths."""
