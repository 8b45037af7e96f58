"""What answers would have cost: prices, and what they come to for what was counted."""
