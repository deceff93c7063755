"""Fixtures shared by the tests of data sets."""

import pytest
from photo_cases import save


@pytest.fixture
def photo_folder(tmp_path):
    """Two classes of two images."""
    for name in ("cat/1", "cat/2", "dog/1", "dog/2"):
        save(tmp_path / name)
    return tmp_path
