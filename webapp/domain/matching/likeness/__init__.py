"""How alike two values are: names of people and of companies, streets and places."""
