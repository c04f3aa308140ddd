"""Sphinx's settings for the pages that `python -m scripts.site` lays out: `make site`."""

import dataclasses
import inspect
import re
import sys
from html import escape
from pathlib import Path

from docutils.nodes import SkipNode, reference
from sphinx.util.inspect import signature as signature_of
from sphinx.util.inspect import stringify_signature

import snn

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

project = "Surrogate gradients"
author = "The authors of this repository"
html_title = "Surrogate gradients"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "names",
]
suppress_warnings = [
    "ref.python",  # a signature names a type without its module, and two modules have a `Draw`
    "myst.xref_missing",  # a link to a file of the repository becomes text; tests find dead links
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}

# The mathematics of docs/ is what GitHub renders: dollars, and fences of "math".
myst_enable_extensions = ["attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_fence_as_directive = ["math"]
myst_heading_anchors = 4

templates_path = [str(HERE / "templates")]  # elsewhere than the pages
# Optional packages that the build does without.
autodoc_mock_imports = ["torch", "rich", "pytest"]
autosummary_context = {
    "public": [x for x in dir(snn) if x[0] != "_" and not inspect.ismodule(getattr(snn, x))],
}
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True, "show-inheritance": True}
viewcode_follow_imported_members = False
napoleon_use_ivar = True  # fields of a value object, once
napoleon_attr_annotations = False  # the signature has their types
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
default_role = "py:obj"  # as docstrings quote names
html_math_renderer = "katex"

html_theme = "furo"
html_static_path = ["static"]
html_favicon = "static/favicon.svg"
html_css_files = ["site.css"]
SCRIPTS = ("files.js", "tables.js", "scrolling.js", "landmarks.js")
html_js_files = [(name, {"defer": "defer"}) for name in SCRIPTS]
html_show_sphinx = False
html_show_copyright = False
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#00667a", "color-brand-content": "#00667a"},
    "dark_css_variables": {"color-brand-primary": "#4fc3d9", "color-brand-content": "#4fc3d9"},
    "navigation_with_keys": True,
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
copybutton_selector = "div:not(.no-copy) > div.highlight > pre"


def setup(app):
    """Mathematics by the KaTeX in static/: nothing is fetched."""
    app.add_html_math_renderer("katex", (_inline, None), (_display, None))
    app.connect("source-read", _read)
    app.connect("doctree-resolved", _as_text)
    app.connect("html-page-context", _load)
    app.connect("html-page-context", _accessible, priority=900)  # once the theme is done
    app.connect("autodoc-process-signature", _short)
    app.connect("autodoc-skip-member", _is_a_default)


def _read(app, page, source):
    """Let links to a figure's section lead to its page, which only the site has."""
    source[0] = re.sub(r"figures\.md#figure-(\d+)", r"fig\1.md", source[0])


def _as_text(app, document, page):
    """Show a link to a file of the repository that has no page as text."""
    for link in list(document.findall(reference)):
        if "refid" in link and link["refid"] not in document.ids:
            link.replace_self(link.children)


def _inline(writer, node):
    writer.body.append(f'<span class="math notranslate nohighlight">{escape(node.astext())}</span>')
    raise SkipNode


def _display(writer, node):
    text = node.astext()
    if r"\\" in text and r"\begin" not in text:
        text = rf"\begin{{aligned}}{text}\end{{aligned}}"
    writer.body.append(f'<div class="math notranslate nohighlight">{escape(text)}</div>')
    raise SkipNode


def _short(app, what, name, thing, options, signature, returned):
    if what == "class" and dataclasses.is_dataclass(thing):
        # Show the fields, since the __new__ of a base class takes any arguments.
        fields = signature_of(thing.__init__, bound_method=True)
        signature = stringify_signature(
            fields, show_return_annotation=False, unqualified_typehints=True
        )
        signature = re.sub(r"<function (\w+)>", r"\1", signature)
    # Where JAX keeps its array type is nothing to read in every signature.
    return tuple(text and text.replace("jaxlib._jax.", "") for text in (signature, returned))


def _is_a_default(app, what, name, thing, skip, options):
    """No method: a function that is a field's default. Nothing to read: a tuple's field."""
    default = inspect.isfunction(thing) and "." not in thing.__qualname__
    alias = str(getattr(thing, "__doc__", "")).startswith("Alias for field number")
    return True if what == "class" and (default or alias) else None


def _load(app, page, template, context, doctree):
    if doctree and app.env.get_domain("math").has_equations(page):
        app.add_css_file("katex/katex.min.css")
        app.add_js_file("katex/katex.min.js", loading_method="defer")
        app.add_js_file("mathematics.js", loading_method="defer")


def _accessible(app, page, template, context, doctree):
    """Give screen readers the level of the sidebar's headings, and hide lists in signatures."""
    for name in ("furo_navigation_tree", "toctree"):
        if isinstance(context.get(name), str):
            context[name] = context[name].replace('role="heading"', 'role="heading" aria-level="2"')
    if page.startswith("api/") and "body" in context:
        body = context["body"].replace(">Variables<", ">Attributes<")
        start = '<dd><em class="sig-param'
        body = body.replace(f"<dl>\n{start}", f'<dl role="presentation">\n{start}')
        # A long name in a heading breaks after a dot.
        long = re.compile(r"<h1>[^<]*")
        context["body"] = long.sub(lambda m: m[0].replace(".", ".<wbr>"), body, count=1)
