"""Formulas as MathML, which browsers draw themselves: the site needs no network."""

from docutils.nodes import SkipNode
from latex2mathml.converter import convert


def inline(translator, node):
    """Writes a formula that stands in a sentence."""
    translator.body.append(convert(node.astext()))
    raise SkipNode


def block(translator, node):
    """Writes a formula that stands alone; on a phone it can be moved."""
    formula = convert(node.astext(), display="block")
    translator.body.append(f'<div class="formula">{formula}</div>')
    raise SkipNode


def setup(app):
    """Called by Sphinx."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
