"""One decoder for each framing: bytes in, events out, whatever pieces the bytes come in."""
