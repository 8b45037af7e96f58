"""What a client makes of a recorded stream that goes wrong: each fault, at each chunk."""
