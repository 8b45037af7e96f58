"""How the site is built: ``sphinx-build -W --keep-going -q docs build/site``.

No notebook is executed: the tutorials show the outputs that are committed with them.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # for site_extension.py

import chatviz

project = "chatviz"
author = "chatviz contributors"
project_copyright = "chatviz contributors"
version = release = chatviz.__version__

extensions = [
    "myst_nb",  # Markdown, and notebooks
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "site_extension",
]
exclude_patterns = ["finding_examples"]

# ---- pages
myst_heading_anchors = 3  # a page links to a heading as on GitHub
nb_execution_mode = "off"
nb_merge_streams = True
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # nothing is fetched from elsewhere

# ---- the reference is what the docstrings say
autodoc_member_order = "bysource"
autosummary_generate = False
napoleon_google_docstring = False
napoleon_custom_sections = [("Columns", "params_style")]  # of tables
napoleon_use_ivar = True
napoleon_use_rtype = False
add_module_names = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80
toc_object_entries_show_parents = "hide"

# ---- how it looks
html_theme = "furo"
html_title = "chatviz"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
