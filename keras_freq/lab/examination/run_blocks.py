"""The blocks of an examination, one after the other; what is there is not measured again."""

import time
import warnings

from keras_freq.lab.examination.blocks import BLOCKS
from keras_freq.lab.examination.result import CONTENT, FACTS, read_result
from keras_freq.lab.same_examination import check_same_examination
from keras_freq.lab.tables import read_json, write_csv, write_json


def begin(folder, facts):
    """Writes what an examination is, or compares it with what the folder holds."""
    path = folder / FACTS
    if not path.exists():
        write_json(path, facts, replace=False)
    check_same_examination(folder, facts["identity"], facts["names"])
    before = read_json(path)
    kept = {name: before[name] for name in ("seconds", "warnings")}
    write_json(path, facts | kept)


def run_blocks(folder, subject, plan, options, tell):
    """Measures what is not there yet, and reads all results."""
    results = {}
    for block in BLOCKS:
        if block.name not in plan.blocks:
            continue
        results[block.name] = _read(folder, block, tell)
        if results[block.name] is None:
            tell(f"{block.title} ...")
            _measure(folder, block, subject, results, options)
            results[block.name] = read_result(folder, block)
    return results


def _read(folder, block, tell):
    """Reads the result of a block; None if there is none, or one of an earlier version."""
    if not (folder / block.file).exists():
        return None
    try:
        result = read_result(folder, block)
        if set(block.columns) <= set(result if block.kind is None else block.columns):
            return result
    except ValueError:  # a field is missing
        pass
    tell(f"{folder / block.file} was written by an earlier version. It is measured again.")
    if (folder / CONTENT).exists():  # so that its pictures are drawn again
        content = read_json(folder / CONTENT)
        content["blocks"] = [one for one in content["blocks"] if one["name"] != block.name]
        write_json(folder / CONTENT, content)
    return None


def _measure(folder, block, subject, results, options):
    """Measures one block, and writes its result, its time and its warnings."""
    log, start = folder / f"{block.name}.log", time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # The fine parts of maps may all be empty, which the page says.
        warnings.filterwarnings("ignore", "`maps` are empty")
        result = block.measure(subject, results, checkpoint=log, **options)
    path = folder / block.file
    if block.kind is None:
        write_csv(path, result)
    else:
        result.save(path)
    log.unlink(missing_ok=True)
    facts = read_json(folder / FACTS)
    facts["seconds"][block.name] = round(time.perf_counter() - start, 1)
    facts["warnings"][block.name] = list(dict.fromkeys(str(one.message) for one in caught))
    write_json(folder / FACTS, facts)
    for one in caught:
        warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
