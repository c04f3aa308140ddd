"""An extension of Sphinx: names of the API in sentences lead to where they are defined."""

import pkgutil
import re

from docutils import nodes
from sphinx import addnodes
from sphinx.util.nodes import make_refnode

NAME = re.compile(r"(snn(?:_tools)?(?:\.\w+)+)(?:\(\))?")
REFERRING = nodes.title | nodes.reference | addnodes.pending_xref


def setup(app):
    """Have Sphinx call what is here."""
    app.connect("doctree-read", _name)
    app.connect("missing-reference", _find)


def _name(app, document):
    """Let names of the API in sentences refer to their entries."""
    for literal in list(document.findall(nodes.literal)):
        name = NAME.fullmatch(literal.astext())
        if name and not isinstance(literal.parent, REFERRING):
            words = {"refdomain": "py", "reftype": "obj", "reftarget": name[1], "refwarn": False}
            literal.replace_self(addnodes.pending_xref("", literal.deepcopy(), **words))


def _find(app, env, node, content):
    """Resolve a name that `snn` offers, as snn.Surrogate, to where it is defined."""
    name = "".join(node.get("reftarget", "").split())  # docstrings break lines
    if node.get("refdomain") != "py" or not name.startswith("snn"):
        return None
    entry = env.get_domain("py").objects.get(defined(name))
    if not entry:
        return None
    start = node["refdoc"]
    return make_refnode(app.builder, start, entry.docname, entry.node_id, content, defined(name))


def defined(name):
    """Return the full name under which an object is defined; the name itself if there is none."""
    try:
        resolved = pkgutil.resolve_name(name)
    except (ImportError, AttributeError, ValueError):
        return name
    module = getattr(resolved, "__module__", None)
    qualified = getattr(resolved, "__qualname__", None)
    return f"{module}.{qualified}" if module and qualified else name
