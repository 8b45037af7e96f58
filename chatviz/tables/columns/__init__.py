"""What tables are made of: their columns, the frames that pandas has of them, and their kinds."""
