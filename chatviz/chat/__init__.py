"""What a chat is, whatever the provider: deltas in, messages, usage and findings out."""
