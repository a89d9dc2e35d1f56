"""Measurements of speed and memory, each beside a floor or an aim: `make bench`."""
