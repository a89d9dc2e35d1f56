"""CSV files of records: their encoding and columns, cells, what each row would do."""
