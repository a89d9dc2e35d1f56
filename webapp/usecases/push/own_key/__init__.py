"""Our unique property in HubSpot: made, lost, and known from an older backup."""
