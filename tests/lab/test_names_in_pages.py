"""Pages show every name as it is: no name from data or files becomes a part of the page's code.

That of a transfer experiment is with the other tests of its results.
"""

import shutil

import pytest
from hostile_names import Page, check_names

from keras_freq.lab.pages import write_report


@pytest.mark.usefixtures("draws")
@pytest.mark.parametrize("copies", ["", "ab"], ids=["run", "sweep"])
def test_no_name_becomes_code_of_the_page(copies, finished, tmp_path):
    folder = tmp_path / "results"
    for seed, name in enumerate(copies or [""]):
        shutil.copytree(finished, folder / name)
        config = folder / name / "config.toml"
        config.write_text(config.read_text().replace("seed = 0", f"seed = {seed}", 1))
    page = write_report(folder) if copies else folder / "report.html"
    check_names(Page(page), folder)
