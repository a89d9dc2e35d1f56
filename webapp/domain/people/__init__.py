"""People: who acts, what an account may become, how long a session and a link last."""
