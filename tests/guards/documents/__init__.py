"""Documents and the files that installations are made from name what there is."""
