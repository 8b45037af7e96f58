"""Things that move: transports that replay and record, under any httpx client."""
