"""What all pictures and pages are drawn with."""
