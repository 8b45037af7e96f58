"""What is sent of a conversation that goes on."""
