"""People: who acts, what an account may become, how long sessions and mailed links last."""
