"""How alike two values are: names of people and of companies, dates of birth, streets and places."""
