"""The site: `python3 -m sphinx -W docs docs/_build/html`; `docs/README.md` tells the quick form.

The pages of the site are those of this folder, and what stands elsewhere in the repository: the
scripts of `examples/`, the notebooks, the results, the benchmarks. These are copied into
`docs/copied/` first, since Sphinx reads one folder.
"""

import os
import sys
from pathlib import Path

import matplotlib

DOCS = Path(__file__).parent
ROOT = DOCS.parent
sys.path[:0] = [str(ROOT), str(DOCS)]
# Before TensorFlow is imported, here and in the kernels of the notebooks: no start-up chatter, no
# GPU. Where MPLBACKEND is set, notebooks show no pictures.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.pop("MPLBACKEND", None)
# Bars that are widgets would make a page load scripts from elsewhere.
os.environ.setdefault("TQDM_DISABLE", "1")
matplotlib.use("agg")

from api_pages import write_api_pages  # noqa: E402
from site_sources import PLOT_FIGURES, copy_sources, gallery_order, lend_pictures  # noqa: E402

import keras_freq  # noqa: E402

QUICK = tags.has("quick")  # noqa: F821 (Sphinx gives it)
copy_sources(ROOT, DOCS / "copied")
write_api_pages(DOCS / "api")
if QUICK:
    lend_pictures(DOCS)

project = "keras_freq"
author = "The keras_freq developers"
copyright = "the keras_freq developers, Apache-2.0"
version = release = keras_freq.__version__

extensions = [
    *("sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon"),
    *("sphinx_gallery.gen_gallery", "myst_nb", "name_links", "mathml"),
]
html_math_renderer = "mathml"
templates_path = ["_templates"]
# The gallery's notebooks are for download. Pages for GitHub stay out.
exclude_patterns = ["_build", "_templates", "README.md", "gallery/*.ipynb"]
# Links to folders and scripts of the repository lead nowhere on the
# site; `tests/test_docs.py` checks that they lead somewhere in the repository.
suppress_warnings = ["myst.xref_missing", "config.cache"]

# Docstrings: Google style. `name` is code, and a link where it is a public name (name_links.py).
default_role = "literal"
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
napoleon_custom_sections = ["Source"]
autodoc_inherit_docstrings = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"
autosummary_generate = True
autosummary_context = {"figures": PLOT_FIGURES}
add_module_names = False

# Markdown and notebooks.
myst_enable_extensions = ["colon_fence", "attrs_inline", "attrs_block", "dollarmath"]
myst_heading_anchors = 4
nb_execution_mode = "off" if QUICK else "cache"
nb_execution_timeout = -1
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_excludepatterns = (
    [] if "KERAS_FREQ_FLOWERS" in os.environ else ["copied/tutorials/*flowers*"]
)
nb_merge_streams = True
# The start-up chatter of TensorFlow, which nothing silences.
nb_output_stderr = "remove"

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "backreferences_dir": "api/used_in",
    "doc_module": ("keras_freq",),
    "reference_url": {"keras_freq": None},
    "within_subsection_order": gallery_order,
    "plot_gallery": "False" if QUICK else "True",
    "abort_on_example_error": True,
    "capture_repr": (),
    "remove_config_comments": True,
    "download_all_examples": False,
    "show_memory": False,
    "min_reported_time": float("inf"),
    "show_signature": False,
    "write_computation_times": False,
}

html_theme = "pydata_sphinx_theme"
html_title = "keras_freq"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_theme_options = {
    "logo": {"text": "keras_freq"},
    "header_links_before_dropdown": 6,
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
    # Tables of claims need the width: pages of `copied/reproduction` have no list of contents.
    "secondary_sidebar_items": {
        pattern: ["page-toc"]
        for pattern in (
            *("*", "api/**", "gallery/**", "guide/*", "teach/*"),
            *("copied/benchmarks/*", "copied/tutorials/**"),
        )
    },
    "show_toc_level": 2,
    "navigation_with_keys": False,
}
# Pages that stand alone need no list of neighbours.
ALONE = (
    "index",
    "start",
    "how_to_read_these_pictures",
    "faq",
    "performance",
    "robustness",
    "design",
)
html_sidebars = {page: [] for page in ALONE}
