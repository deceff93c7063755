"""The lists that `keras-freq list` shows. Nothing here loads TensorFlow."""

from pathlib import Path


def model_lines():
    """Lists the models: name, input, parameters, multiply-adds, source."""
    from keras_freq.models import describe

    lines = [f"{'name':15} {'input':>11} {'parameters':>11} {'multiply-adds':>14}  source"]
    for model in describe():
        size = "x".join(map(str, model["input"]))
        lines.append(
            f"{model['name']:15} {size:>11} {model['parameters']:11,} "
            f"{model['multiply_adds']:14,}  {model['source']}"
        )
    return lines


def data_lines():
    """Lists the data sources."""
    return [
        "frequency_bands  synthetic sets B1 to B4, whose frequencies are known   band = 1",
        'folder           one folder of images for each class                   path = "..."',
        'imagenet10       ten classes of ImageNet, out of its folders or TFDS   path = "..."',
        'tfds             a set of TensorFlow Datasets                          name = "cifar10"',
    ]


def config_lines():
    """Lists the experiment files in `configs/`, each with its first comment: its purpose."""
    files = sorted(Path("configs").glob("*.toml"))
    if not files:
        return ["(no configs/*.toml in this folder)"]
    width = max(len(str(file)) for file in files)
    purposes = (file.read_text(encoding="utf-8-sig").partition("\n")[0] for file in files)
    return [
        f"{file!s:{width}}  {purpose.removeprefix('#').strip()}"
        for file, purpose in zip(files, purposes, strict=True)
    ]
