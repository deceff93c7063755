"""What the site takes from the rest of the repository."""

import base64
import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Folder of the repository: what of it is part of a page.
SOURCES = {
    "tutorials": ("*.ipynb", "*.md", "*.png", "*.py"),
    "reproduction": ("*.md", "*.png", "*.csv", "*.py", "*.toml"),
    "benchmarks": ("*.md", "*.csv", "*.py"),
    "configs": ("*.toml",),
}
# The order of the gallery: by question, as in the user guide.
GALLERY = (
    # What frequencies are.
    *("filters", "swapped_phases", "spectral_slope", "adcs", "augmentations", "corruptions"),
    # Which ones a network needs.
    *("filter_sweep", "importance", "dominant_frequency_maps", "scale_occlusion"),
    *("redundant_bands", "available_and_used", "relative_confusion"),
    # Is it a shortcut?
    *("shortcut_examples", "transplant_rates", "rates_under_maps"),
    # What is learned first.
    *("f1_over_steps", "probes", "gradient_spectrum"),
    # What breaks it.
    *("fourier_heat_map", "critical_bands", "corruption_errors", "predicted_corruptions"),
    # What the layers hold.
    *("first_kernels", "layer_spectra"),
)


def gallery_order(file_name):
    """The place of a script in the gallery, for sphinx-gallery to sort by."""
    name = Path(file_name).stem.removeprefix("plot_")
    return f"{GALLERY.index(name) if name in GALLERY else len(GALLERY):02d} {name}"


def plot_figures():
    """The picture of each plot function: that of the first script in the gallery that calls it."""
    figures = {}
    for script in sorted(
        (ROOT / "examples").glob("plot_*.py"), key=lambda path: gallery_order(path.name)
    ):
        picture = f"{script.stem.removeprefix('plot_')}.png"
        for name in re.findall(r"kf\.plots\.(\w+)\(", script.read_text(encoding="utf-8")):
            if (ROOT / "docs" / "images" / picture).exists():
                figures.setdefault(f"keras_freq.plots.{name}", picture)
    return figures


PLOT_FIGURES = plot_figures()


def lend_pictures(docs):
    """Gives the gallery the pictures of `images/`, where it does not draw its own."""
    for script in (ROOT / "examples").glob("plot_*.py"):
        lent = docs / "gallery" / "images" / f"sphx_glr_{script.stem}_001.png"
        picture = docs / "images" / f"{script.stem.removeprefix('plot_')}.png"
        if picture.exists() and not lent.exists():
            lent.parent.mkdir(parents=True, exist_ok=True)
            lent.write_bytes(picture.read_bytes())


def copy_sources(root, target):
    """Copies what the site shows of other folders; a file that has not changed is left alone."""
    wanted = {}
    for folder, patterns in SOURCES.items():
        for source in [path for pattern in patterns for path in (root / folder).rglob(pattern)]:
            if not {"runs", ".ipynb_checkpoints"} & set(source.relative_to(root).parts):
                copy = target / source.relative_to(root)
                wanted[copy] = source.read_bytes()
                if source.suffix == ".ipynb":
                    wanted |= without_attachments(copy, source)
    for copy, content in wanted.items():
        if not copy.exists() or copy.read_bytes() != content:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(content)
    for copy in [path for path in target.rglob("*") if path.is_file() and path not in wanted]:
        copy.unlink()


def without_attachments(copy, source):
    """A notebook whose attached pictures are files beside it, since MyST-NB shows no others."""
    notebook, files = json.loads(source.read_text(encoding="utf-8")), {}
    for cell in notebook["cells"]:
        for name, kinds in cell.pop("attachments", {}).items():
            picture = f"{source.stem}_{name}"
            files[copy.with_name(picture)] = base64.b64decode(next(iter(kinds.values())))
            cell["source"] = "".join(cell["source"]).replace(f"attachment:{name}", picture)
    files[copy] = json.dumps(notebook, indent=1).encode()
    return files
