"""Formulas as MathML, which browsers draw themselves: the site needs no network."""

from docutils.nodes import SkipNode
from latex2mathml.converter import convert


def inline(translator, node):
    """Writes a formula that stands in a sentence."""
    _write(translator, node, "inline")


def block(translator, node):
    """Writes a formula that stands alone."""
    _write(translator, node, "block")


def _write(translator, node, display):
    translator.body.append(convert(node.astext(), display=display))
    raise SkipNode


def setup(app):
    """Called by Sphinx."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
