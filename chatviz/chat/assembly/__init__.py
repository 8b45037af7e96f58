"""What an answer is put together by; the only place that merges."""
