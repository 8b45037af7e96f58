"""How recorded answers are played: which, when, and broken how; knows no HTTP library."""
