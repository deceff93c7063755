"""Makes links of code that names something public: `kf.adapt`, `keras_freq.plots.filter_sweep`.

Also turns what our docstrings borrow from Markdown, blocks of code, into reStructuredText.
"""

import fnmatch
import re

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

import keras_freq

_NAME = re.compile(r"^(?:(?:kf|keras_freq)\.)?([A-Za-z_][\w.]*?)(?:\(.*\))?$", re.DOTALL)


def public_name(text, *, bare):
    """The full name of what a piece of code names, or None: `kf.adapt(...)` is an adapt."""
    match = _NAME.match(text)
    if not match or not (bare or text.startswith(("kf.", "keras_freq."))):
        return None
    room, _, name = match[1].rpartition(".")
    if not room:
        return f"keras_freq.{name}" if name in keras_freq.__all__ else None
    return f"keras_freq.{room}.{name}"


class NameLinks(SphinxTransform):
    """Puts a link around each piece of code that names something public."""

    default_priority = 400

    def apply(self):
        in_api = self.env.docname.startswith("api/")
        own = self.env.docname.rpartition("/")[2]
        for literal in list(self.document.findall(nodes.literal)):
            if _is_linked(literal):
                continue
            name = public_name(literal.astext(), bare=in_api)
            if name is None or name == own:
                continue
            link = addnodes.pending_xref(
                "",
                refdomain="py",
                reftype="obj",
                reftarget=name,
                refexplicit=True,
                refwarn=False,
                refdoc=self.env.docname,
            )
            literal.replace_self(link)
            link += literal


def _is_linked(node):
    """Whether a node is a part of a link, a heading or a signature."""
    while node is not None:
        if isinstance(
            node, nodes.reference | nodes.title | addnodes.pending_xref | addnodes.desc_signature
        ):
            return True
        node = node.parent
    return False


def code_blocks(app, what, name, obj, options, lines):
    """Turns fenced code, indented code after a colon in a module, and tables into directives."""
    written, fence, in_table = [], None, False
    for number, line in enumerate(lines):
        if re.match(r"^\s*\|.*\|$", line) and fence is None:
            indent, cells = line[: line.index("|")], line.strip().strip("|").split("|")
            if not in_table:
                written += ["", f"{indent}.. list-table::", f"{indent}   :header-rows: 1", ""]
            if set(line.strip()) != set("|-"):
                for place, cell in enumerate(cells):
                    start = "* -" if place == 0 else "  -"
                    written.append(f"{indent}   {start} {cell.strip()}")
            in_table = True
            continue
        in_table = False
        fenced = re.match(r"^(\s*)```(\w*)\s*$", line)
        if fenced and fence is None:
            fence = fenced[1]
            written += ["", f"{fence}.. code-block:: {fenced[2] or 'text'}", ""]
        elif fenced:
            fence = None
            written.append("")
        elif fence is not None:
            written.append(f"    {line}")
        else:
            indented = number + 2 < len(lines) and lines[number + 2].startswith("    ")
            if what == "module" and line.endswith(":") and indented and not lines[number + 1]:
                line += ":"
            written.append(line)
    lines[:] = written


def drop_empty_patterns(app, docname, source):
    """Takes patterns such as `teach/*` out of tables of contents, where no page matches."""
    kept = []
    for line in source[0].split("\n"):
        pattern = re.fullmatch(r"[\w/\[\]-]*\*[\w/*]*", line)
        if not pattern or any(fnmatch.fnmatch(page, line) for page in app.env.found_docs):
            kept.append(line)
    source[0] = "\n".join(kept)


def setup(app):
    """Called by Sphinx."""
    app.connect("source-read", drop_empty_patterns)
    app.add_transform(NameLinks)
    # Before napoleon, whose priority is 500.
    app.connect("autodoc-process-docstring", code_blocks, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
