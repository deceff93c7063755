"""Key numbers of document 004: transfer."""

from key_number_texts import in_points, span, table

FEW = "random-0, A->B"  # the split and direction of small target sets


def _interval(measured, splits, layers, digits=1):
    found = table("transfer_cifar10/intervals.csv")
    found = found[(found["measured"] == measured) & (found["splits"] == splits)]
    if layers:
        found = found[found["layers"].astype(str) == layers]
    row = found.iloc[0]
    mean, low, high = (f"{row[name]:+.{digits}f}" for name in ("mean", "low", "high"))
    return f"{mean} ({low} to {high})"


def row_80():
    kernels = table("networks_and_metrics/kernels.csv").query("norm > 0.1")
    peak, colour = kernels["peak, cycles a pixel"], kernels["colour"]
    blobs, edges = (peak < 0.05) & (colour > 0.9), (peak > 0.1) & (colour < 0.6)
    side = kernels["side"].iloc[0]
    return (
        f"of {len(kernels)} kernels of {side}x{side}, {blobs.sum()} are blobs of colour, "
        f"{edges.sum()} pass higher frequencies with less colour, "
        f"{(~blobs & ~edges).sum()} are neither"
    )


def row_81():
    networks = table("transfer_cifar10/transfer.csv")
    return f"{len(networks)} networks, {networks['treatment'].nunique()} treatments"


def row_82():
    networks = table("transfer_cifar10/transfer.csv").query("n > 0")
    return (
        f"n = {networks['n'].min()} to {networks['n'].max()}, {networks['direction'].nunique()} "
        f"directions"
    )


def row_83():
    networks = table("transfer_cifar10/transfer.csv").query("type == 'random'")
    return f"{networks['split'].nunique()} random splits, {networks['seed'].nunique()} seeds each"


def row_85():
    tasks = table("transfer_cifar10/tasks.csv").query("type == 'groups'")
    sizes = tasks.groupby("group").size()
    return " and ".join(f"{number} classes of {name}" for name, number in sizes[::-1].items())


def row_86():
    bases = table("transfer_cifar10/bases.csv")
    five = bases.query("classes == 5")["test"]
    ten = bases.query("classes == 10")["test"]
    return (
        f"{100 * five.mean():.1f} % ({span(100 * five, '{:.0f}')}) of five classes, "
        f"{100 * ten.mean():.1f} % ({span(100 * ten, '{:.0f}')}) of all ten; source 62.5 and 57.5"
    )


def row_87():
    return f"AnB - base, layers 1-2: {_interval('AnB - base', 'random', '1-2')} points"


def row_88():
    return "; ".join(
        f"layers {layers}: {_interval('AnB+ - base', 'random', layers)} over base, "
        f"{_interval('AnB+ - BnB+', 'random', layers)} over BnB+"
        for layers in ("1-7", "3-7", "5-7")
    )


def row_89():
    longer = "BnB - base, 1,000 steps, without BatchNormalization"
    return (
        f"BnB - base, layers 3-6: {_interval('BnB - base', 'random', '3-6')} points; without "
        f"BatchNormalization, after 1,000 steps {_interval(longer, 'random', '3-6')}"
    )


def row_90():
    return (
        f"layers 3-5: cut {_interval('BnB - base', 'random', '3-5')}, other task "
        f"{_interval('AnB - BnB', 'random', '3-5')}; 6-7: "
        f"{_interval('BnB - base', 'random', '6-7')} and "
        f"{_interval('AnB - BnB', 'random', '6-7')}"
    )


def row_91():
    return (
        f"points a further layer: {_interval('slope of AnB+ - base', 'random', '1-7', 2)} over "
        f"base, {_interval('slope of AnB+ - BnB+', 'random', '1-7', 2)} over BnB+"
    )


def row_92():
    return (
        f"animals (6 classes) minus vehicles (4): base "
        f"{_interval('base, B minus A', 'groups', '')}, above "
        f"chance {_interval('base above chance, B minus A', 'groups', '')} points"
    )


def row_93():
    return f"layers 3-7: {_interval('random - chance', 'random', '3-7')} points above chance"


def row_94():
    return (
        f"AnB - base at layer 7: {_interval('AnB - base', 'groups', '7')} (dissimilar), "
        f"{_interval('AnB - base', 'random', '7')} (random halves); AnB - random, dissimilar: "
        f"{_interval('AnB - random', 'groups', '1-7')}"
    )


def _random_layers():
    """Accuracy of two learned and two random layers: a column each, a row a seed, by activation."""
    found = table("transfer_cifar10/random_layers.csv")
    return {
        name: own.pivot(index="seed", columns="layers", values="accuracy")
        for name, own in found.groupby("activation", sort=False)
    }


def row_95():
    parts = [
        f"{in_points(own['random'] - own['learned'])} with {name}"
        for name, own in _random_layers().items()
    ]
    return f"two random layers minus two learned ones, points: {', '.join(parts)}"


def row_96():
    bases = table("transfer_cifar10/bases.csv").query("classes == 5")
    gap = 100 * (bases["train"] - bases["test"])
    return (
        f"training {100 * bases['train'].mean():.0f} %, test {100 * bases['test'].mean():.0f} %: "
        f"{span(gap, '{:.0f}')} points apart"
    )


def row_97():
    few = _interval("AnB - AnB+, 50 a class", FEW, "3, 5")
    every = _interval("AnB - AnB+, all images", "random", "3, 5")
    return (
        f"frozen minus tuned, layers 3 and 5: {few} points with 50 images a class, {every} with 500"
    )


def intervals():
    """The table of differences of the page: what was measured, on which layers, on both kinds."""
    chosen = (
        ("BnB - base", "3-6"),
        ("BnB+ - base", "3-6"),
        ("AnB - BnB", "3-5"),
        ("AnB - BnB", "6-7"),
        ("AnB - base", "7"),
        ("AnB+ - base", "1-7"),
        ("AnB+ - BnB+", "1-7"),
        ("AnB - random", "1-7"),
        ("random - chance", "3-7"),
    )
    lines = ["| measured | layers | random halves | vehicles, animals |", "|---|---|---|---|"]
    for measured, layers in chosen:
        both = (_interval(measured, splits, layers) for splits in ("random", "groups"))
        lines.append(f"| {measured} | {layers} | {' | '.join(both)} |")
    return "\n".join(lines)


def few_images():
    """The table of small target sets: accuracies with 50 and 500 images a class, differences."""
    few = table("transfer_cifar10/small_targets.csv")
    every = table("transfer_cifar10/transfer.csv").query("type == 'random'")
    lines = [
        "| images a class | layers | base | frozen (AnB) | tuned (AnB+) | frozen - tuned "
        "| frozen - base | tuned - base |",
        "|---" * 8 + "|",
    ]
    for number, name, splits, frame in (
        (50, "50 a class", FEW, few),
        (500, "all images", "random", every),
    ):
        for n in (3, 5):
            means = 100 * frame[frame["n"].isin((0, n))].groupby("treatment")["accuracy"].mean()
            cells = [number, n, *(f"{means[one]:.1f} %" for one in ("base", "AnB", "AnB+"))]
            for pair in ("AnB - AnB+", "AnB - base", "AnB+ - base"):
                cells.append(_interval(f"{pair}, {name}", splits, str(n)))
            lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def random_layers():
    """The table of two random and two learned layers, by activation."""
    lines = ["| activation | learned | random | random - learned |", "|---" * 4 + "|"]
    for name, own in _random_layers().items():
        means = [f"{100 * own[kind].mean():.1f} %" for kind in ("learned", "random")]
        cells = [name, *means, in_points(own["random"] - own["learned"])]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
