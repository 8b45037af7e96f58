"""Recordings in JupyterLab: an extension of its server makes the pages, one of Lab shows them."""
