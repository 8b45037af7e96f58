"""Files read in several processes: each sends back columns, never runs."""
