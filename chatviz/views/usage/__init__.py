"""What was counted and charged."""
