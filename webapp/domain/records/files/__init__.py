"""CSV files of records: encoding, columns, cells, and the plan of each row."""
