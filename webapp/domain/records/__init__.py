"""What a company or a contact is: fields, values, normal forms, what people may type."""
