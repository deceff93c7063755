"""README and the site: short, with links that lead somewhere and code that fits the package."""

import ast
import importlib.util
import inspect
import re
from pathlib import Path

import numpy as np
import pytest

import keras_freq as kf

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
for folder in ("docs", "tutorials", "reproduction", "benchmarks"):
    PAGES += sorted((ROOT / folder).rglob("*.md"))
PAGES = [
    page
    for page in PAGES
    if not {"copied", "_build", "gallery", "runs"} & set(page.relative_to(ROOT).parts)
]
SCRIPTS = sorted((ROOT / "examples").glob("plot_*.py"))
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def text_of(page):
    return page.read_text(encoding="utf-8")


def code_blocks(page, language="python"):
    """The blocks of code of a page; "..." stands for what is left out."""
    return re.findall(rf"^```{language}\n(.*?)^```", text_of(page), re.DOTALL | re.MULTILINE)


def anchors(page):
    """The anchors of a page's headings, as GitHub and the site make them."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_readme_is_short():
    assert len(text_of(ROOT / "README.md").splitlines()) < 120


@each_page
def test_links_lead_somewhere(page):
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        path, _, anchor = target.partition("#")
        # What the site makes itself.
        if "://" in target or re.match(r"(\.\./)?(copied|gallery)/|(../api/)?[a-z]+\.rst", path):
            continue
        file = (page.parent / path) if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


@each_page
def test_public_names_exist(page):
    missing = []
    for name in re.findall(r"\bkf((?:\.[A-Za-z_]\w*)+)", text_of(page)):
        value = kf
        for part in name[1:].split("."):
            value = getattr(value, part, None)
        if value is None:
            missing.append(name)
    assert missing == []


@pytest.mark.parametrize("page", [*PAGES, *SCRIPTS], ids=lambda page: str(page.relative_to(ROOT)))
def test_code_calls_functions_as_they_are(page):
    blocks = [text_of(page)] if page.suffix == ".py" else code_blocks(page)
    for call in [node for block in blocks for node in ast.walk(ast.parse(block))]:
        if not isinstance(call, ast.Call) or not ast.unparse(call.func).startswith("kf."):
            continue
        function = kf
        for part in ast.unparse(call.func).split(".")[1:]:
            function = getattr(function, part)
        keywords = {one.arg: one for one in call.keywords if one.arg}
        if not any(isinstance(one, ast.Starred) for one in call.args):
            inspect.signature(function).bind(*call.args, **keywords)


def test_the_gallery_has_an_order_and_attachments_become_files(tmp_path):
    spec = importlib.util.spec_from_file_location("site", ROOT / "docs" / "site_sources.py")
    site = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(site)
    scripts = {path.stem.removeprefix("plot_") for path in (ROOT / "examples").glob("plot_*.py")}
    assert sorted(site.GALLERY) == sorted(scripts)

    site.copy_sources(ROOT, tmp_path)
    notebooks = sorted((ROOT / "tutorials").rglob("*.ipynb"))
    assert len(list(tmp_path.rglob("*.ipynb"))) == len(notebooks)
    for notebook in tmp_path.rglob("*.ipynb"):
        text = notebook.read_text(encoding="utf-8")
        assert "attachment:" not in text
        for picture in re.findall(rf"\(({notebook.stem}_[\w.]+\.png)\)", text):
            assert (notebook.parent / picture).stat().st_size > 0
    # What is no longer in the repository goes.
    (tmp_path / "tutorials" / "old.md").touch()
    site.copy_sources(ROOT, tmp_path)
    assert not (tmp_path / "tutorials" / "old.md").exists()


def test_the_five_lines_of_readme_run(monkeypatch, tmp_path):
    import keras

    layers = [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(2)]
    keras.Sequential(layers).save(tmp_path / "model.keras")
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        folder = tmp_path / "path" / "to" / "images" / name
        folder.mkdir(parents=True)
        for number in range(2):
            image = rng.integers(0, 256, (8, 8, 3))
            keras.utils.save_img(folder / f"{number}.png", image, scale=False)
    (lines,) = code_blocks(ROOT / "README.md")
    assert len([line for line in lines.splitlines() if line]) == 5
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(lines, names)
    assert set(names["sweep"]["class_name"]) == {"all", "cat", "dog"}
