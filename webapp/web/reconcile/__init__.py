"""The reconcile part of the connection's page."""
