"""What people and workers do, in the process of the test."""
