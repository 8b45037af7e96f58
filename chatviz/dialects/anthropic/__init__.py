"""Anthropic's Messages, as its own API, Vertex AI and (in frames) Bedrock send them."""
