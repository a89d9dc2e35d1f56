"""How a database carries statements out."""
