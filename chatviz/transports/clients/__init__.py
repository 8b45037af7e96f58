"""Transports that replay and record, under any client of httpx or httpx2."""
