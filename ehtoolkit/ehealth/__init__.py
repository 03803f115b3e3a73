"""ehealth."""
