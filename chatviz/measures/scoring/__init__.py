"""How the answers of one model, host or provider turned out, taken together."""
