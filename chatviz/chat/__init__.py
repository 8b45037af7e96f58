"""What a chat is, whoever provides it: deltas in, messages, usage and findings out."""
