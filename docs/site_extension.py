"""What sphinx is taught here: the notebooks as pages, and the directive ``public-names``."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.domains.python import PyObject
from sphinx.util.docutils import SphinxDirective
from sphinx.util.inspect import stringify_signature
from sphinx.util.nodes import find_pending_xref_condition
from sphinx.util.typing import ExtensionMetadata

import chatviz as cv
from chatviz.cassettes.redaction.rules import RedactionRules

DOCS = Path(__file__).parent
NOTEBOOKS = DOCS.parent / "notebooks"
TUTORIALS = DOCS / "tutorials"

# Bases whose members users call; of every other base (of widgets, say) nothing is shown.
TELLING_BASES = {"NamedEndpoints", "_TransportMethods"}
CALLED_BY_OTHERS = "change, handle_request, handle_async_request"  # by players and by httpx
INNER_FUNCTION = re.compile(r"<function (\w+)\.<locals>\.\w+>")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register all that is below."""
    app.connect("builder-inited", copy_notebooks)
    app.connect("autodoc-process-docstring", mark_examples, priority=400)  # before napoleon
    app.connect("autodoc-process-docstring", join_sentence, priority=600)  # after napoleon
    app.connect("autodoc-process-signature", plain_signature)
    for field in PyObject.doc_field_types:
        if field.name == "variable":
            field.label = "Attributes"  # as the docstrings call them
    app.connect("doctree-read", leave_words_alone)
    app.connect("build-finished", save_inspector)
    app.add_directive("public-names", PublicNames)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def copy_notebooks(_app: Sphinx) -> None:
    """Put the notebooks beside the pages, where sphinx finds them; git ignores the copies."""
    wanted = {path.name: path.read_bytes() for path in NOTEBOOKS.glob("*.ipynb")}
    for copy in TUTORIALS.glob("*.ipynb"):
        if wanted.get(copy.name) == copy.read_bytes():
            del wanted[copy.name]
        elif copy.name not in wanted:
            copy.unlink()
    for name, content in wanted.items():
        (TUTORIALS / name).write_bytes(content)


def save_inspector(app: Sphinx, error: Exception | None) -> None:
    """Put the inspector of the start page beside it, as the page that `save` makes of a view."""
    if error is None and app.builder.format == "html":
        talk = cv.read_conversation(cv.sample("openrouter_kimi-k2_fireworks"))
        cv.inspect(talk).save(Path(app.outdir, "_static", "inspector.html"))


class PublicNames(SphinxDirective):
    """The docstrings of some public names, behind a table of their first sentences.

    With ``:not-called:`` the signatures of classes are left out: chatviz makes their values.
    """

    has_content = True
    option_spec: ClassVar = {"not-called": directives.flag}

    def run(self) -> list[nodes.Node]:
        """Return the table and the entries."""
        names = " ".join(self.content).split()
        self.env.temp_data["not_called"] = "not-called" in self.options
        lines = ["```{eval-rst}", ".. currentmodule:: chatviz", "", ".. autosummary::"]
        lines += ["   :nosignatures:", "", *(f"   {name}" for name in names)]
        for name in names:
            lines += ["", *entry(name, getattr(cv, name))]
        return self.parse_text_to_nodes("\n".join([*lines, "```"]))


def entry(name: str, value: Any) -> list[str]:
    """Return the lines of reStructuredText that show a name's docstring."""
    if not inspect.isclass(value):
        kind = "function" if inspect.isfunction(value) else "data"
        return [f".. auto{kind}:: {name}", *(["   :no-value:"] if kind == "data" else [])]
    if issubclass(value, Exception):
        return [f".. autoexception:: {name}", "   :show-inheritance:"]
    lines = [f".. autoclass:: {name}", "   :members:", f"   :exclude-members: {CALLED_BY_OTHERS}"]
    if TELLING_BASES & {base.__name__ for base in value.__mro__}:
        lines.append("   :inherited-members:")
    return lines


def plain_signature(
    app: Sphinx, what: str, _name: str, value: Any, _options: Any, signature: str, returns: str
) -> tuple[str, str] | None:
    """Leave out how a value is made that only chatviz makes; say the rest as people write it."""
    if what == "class" and app.env.temp_data.get("not_called"):
        return "", ""
    if what == "class" and signature.startswith("(*args"):  # a widget's metaclass hides it
        signature = stringify_signature(
            inspect.signature(value), show_return_annotation=False, unqualified_typehints=True
        )
    if not signature:
        return None
    signature = signature.replace(repr(RedactionRules()), "RedactionRules()")
    return INNER_FUNCTION.sub(r"\1(...)", signature), returns


def mark_examples(
    _app: Sphinx, _what: str, _name: str, _object: Any, _options: Any, lines: list[str]
) -> None:
    """Say of an indented block below a paragraph that it is code, as a reader takes it."""
    marked: list[str] = []
    told = ""  # the last line that is not empty
    for line in lines:
        begins = line.startswith("    ") and marked and not marked[-1]
        if begins and not told.startswith(" ") and not told.endswith("::"):
            marked += ["::", ""]
        marked.append(line)
        told = line or told
    lines[:] = marked


def join_sentence(
    _app: Sphinx, _what: str, _name: str, _object: Any, _options: Any, lines: list[str]
) -> None:
    """Undo what napoleon makes of a property's "The address: `x`": a type with a description."""
    for number, line in enumerate(lines):
        if line.startswith(":type: "):
            del lines[number]
            lines[0] = f"{line.removeprefix(':type: ')}: {lines[0]}"
            return


def leave_words_alone(_app: Sphinx, doctree: nodes.document) -> None:
    """Link no plain word of a type ("a run or a cassette") to a member that is called so."""
    for node in list(doctree.findall(pending_xref)):
        if node.get("refspecific") and node["reftarget"].islower():
            shown = find_pending_xref_condition(node, "resolved")
            node.replace_self(shown.children if shown else node.children)
