"""What goes wrong on purpose: ended processes, cut power, late answers, very many clients."""
