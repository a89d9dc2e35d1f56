"""The plan of a push: the decision about each record, and HubSpot's predicted answer."""
