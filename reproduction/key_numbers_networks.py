"""Key numbers of documents 001 to 003: flowers, networks and metrics."""

import numpy as np
from key_number_texts import in_points, share, span, table

from keras_freq.metrics.intervals import wilson_interval

# Flowers, and a small AlexNet part by part


def row_31():
    matrix = table("flowers/confusion.csv").query("set == 'test'")
    kinds = matrix["true_class"].nunique()
    steps = table("flowers/history.csv")["step"].iloc[0]
    return (
        f"{kinds} kinds, {matrix['count'].sum()} validation photographs, {steps} batches an epoch"
    )


def row_33():
    rates = table("flowers/history.csv")["learning_rate"]
    return f"rate from {rates.iloc[0]:.2f} to {rates.iloc[-1]:.3f}"


def row_34():
    history = table("flowers/history.csv")
    drops = history["learning_rate"].diff() < 0
    best = history["val_accuracy"].idxmax()
    return (
        f"{len(history)} epochs; the rate falls after epoch "
        f"{', '.join(str(one - 1) for one in history.loc[drops, 'epoch'])}; best epoch "
        f"{history.loc[best, 'epoch']}"
    )


def row_35():
    best = table("flowers/history.csv")["val_accuracy"].max()
    right = round(best * 364)
    low, high = (100 * float(end) for end in wilson_interval(right, 364))
    return f"{100 * best:.2f} % ({low:.1f} to {high:.1f}), source 77.47 %"


def row_36():
    history = table("flowers/history.csv")
    first, last = history.iloc[0], history.iloc[-1]
    return (
        f"validation accuracy {first['val_accuracy']:.2f} to {last['val_accuracy']:.2f}, training "
        f"{first['accuracy']:.2f} to {last['accuracy']:.2f}"
    )


def row_38():
    none = table("augmentation/recall_left.csv").query("recipe == 'none'")
    return f"test accuracy {span(none['accuracy'])} after 10 epochs of 20,000 images"


def _parts():
    """Rows of the small AlexNet, by variant and seed."""
    return table("parts_of_alexnet/accuracy.csv").set_index(["variant", "seed"])


def row_41():
    steps = _parts()["step_of_25_percent"]
    relu, tanh = steps["all parts"], steps["tanh for ReLU"]
    return (
        f"after {span(relu, '{:,.0f}')} steps with ReLU and {span(tanh, '{:,.0f}')} with tanh: "
        f"{span(tanh / relu, '{:.1f}')} times sooner, source 6"
    )


def row_42():
    found = _parts()
    test = found["test_accuracy"]
    gap = found["train_accuracy"] - test
    parts = [
        f"{name} {in_points(gap[f'with {name}'] - gap['all parts'])}, test accuracy "
        f"{in_points(test[f'with {name}'] - test['all parts'])}"
        for name in ("dropout", "augmentation")
    ]
    return f"change of training minus test accuracy: {'; '.join(parts)} points"


def row_45():
    test = _parts()["test_accuracy"]
    others = {
        "ReLU for tanh": "tanh for ReLU",
        "LRN": "without LRN",
        "overlapping pools": "pools 2/2 for 3/2",
    }
    parts = [f"{name} {in_points(test['all parts'] - test[one])}" for name, one in others.items()]
    return f"change of test accuracy: {', '.join(parts)} points"


def row_43():
    sizes = table("networks_and_metrics/parameters.csv").set_index("name")
    parts = [
        f"{name} {100 * sizes.loc[name, 'in dense layers'] / sizes.loc[name, 'parameters']:.0f} %"
        for name in ("AlexNet", "VGG16")
    ]
    less = (
        sizes.loc["VGG16", "parameters"]
        / sizes.loc["VGG16 with an average for its dense layers", "parameters"]
    )
    return (
        f"{' and '.join(parts)} of the parameters; an average instead: VGG16 is {less:.1f} times "
        f"smaller"
    )


def row_44():
    found = table("flowers/features.csv").query("features == 'network of ImageNet'")
    by_size = found.set_index("training_images")["accuracy"]
    return "linear classifier on features: " + ", ".join(
        f"{100 * value:.0f} % with {number}" for number, value in by_size.items()
    )


# Networks and metrics


def row_49():
    rates = table("flowers/class_rates.csv").query("class_name == 'macro average'").iloc[0]
    return ", ".join(
        f"{name.replace('_', ' ')} {rates[name]:.3f}"
        for name in ("accuracy", "precision", "recall", "specificity", "f1", "youden_j", "fpr")
    )


def row_50():
    rates = table("flowers/class_rates.csv")
    mean = rates.query("class_name == 'macro average'")["auc"].iloc[0]
    others = rates.query("class_name != 'macro average'")["auc"]
    return f"AUC {mean:.3f} on average, {span(others, '{:.3f}')} by kind"


def row_51():
    costs = table("networks_and_metrics/auc_costs.csv")
    powers = {
        way: np.polyfit(np.log(own["classes"]), np.log(own["seconds"]), 1)[0]
        for way, own in costs.groupby("way")
    }
    ten = costs[costs["classes"] == 10].set_index("way")["value"]
    return (
        f"time goes with the classes to the power {powers['each pair']:.1f} and "
        f"{powers['each against the rest']:.1f} (ours {powers['kf, hand_till']:.1f} and "
        f"{powers['kf, provost_domingos']:.1f}); values of ten classes of unequal size "
        f"{ten['kf, hand_till']:.3f} and {ten['kf, provost_domingos']:.3f}"
    )


def _accuracy(name, last=True):
    found = table("flowers/features.csv").query("features == @name")
    row = found.iloc[-1]
    return f"{100 * row['accuracy']:.1f} % ({100 * row['low']:.1f} to {100 * row['high']:.1f})"


def row_54():
    trained = table("flowers/fine_tuned.csv").groupby("start")["accuracy"]
    parts = {start: span(100 * own, "{:.1f}") for start, own in trained}
    last = table("flowers/resnet18_history.csv").groupby("seed")["val_accuracy"].last()
    return (
        f"800 photographs: extractor {_accuracy('network of ImageNet')}, fine-tuned "
        f"{parts['fine-tuned']} %, from scratch {parts['from scratch']} %; from scratch with "
        f"3,306 (ResNet18) {100 * last.mean():.1f} %"
    )


def row_55():
    return f"network {_accuracy('network of ImageNet')}, histograms {_accuracy('histograms')}"


def row_59():
    top = table("networks_and_metrics/top_12.csv").query("rank <= 2")
    parts = []
    for photograph, own in top.groupby("photograph", sort=False):
        first, second = own["score"]
        parts.append(f"{photograph}: {own['class_name'].iloc[0]} {first:.2f}, then {second:.2f}")
    return "; ".join(parts)


def _views():
    return table("networks_and_metrics/views.csv").set_index("measured")


def row_61():
    crops = table("flowers/ten_crops.csv")
    gained = crops["ten_crops"] - crops["whole"]
    return (
        f"ten crops change {', '.join(f'{one:+d}' for one in gained)} of "
        f"{crops['images'].iloc[0]} photographs, in {len(crops)} networks"
    )


def row_64():
    views = _views()
    return (
        f"same answer from closer: {share(views.loc['six scales, same answer from closer'])} "
        f"instead of "
        f"{share(views.loc['one view, same answer from closer'])}"
    )


def row_66():
    found = table("networks_and_metrics/map_average.csv")
    return (
        f"largest difference {found['largest difference, linear head'].max():.0e} with a linear "
        f"head, "
        f"{found['largest difference, softmax head'].max():.2f} after a softmax"
    )


def _parameters(name):
    sizes = table("networks_and_metrics/parameters.csv").set_index("name")
    return int(sizes.loc[name, "parameters"])


def row_46():
    return f"{_parameters('AlexNet2012'):,} parameters"


def row_57():
    return ", ".join(f"{name} {_parameters(name):,}" for name in ("AlexNet", "VGG19"))


def row_70():
    return f"{_parameters('AlexNet') / _parameters('GoogLeNet'):.1f} times fewer, source 12"


def row_73():
    names = (
        "residual block, 64 channels",
        "residual block, 256 channels",
        "bottleneck block, 256 channels",
    )
    return ", ".join(f"{_parameters(name):,}" for name in names)


def row_74():
    right = table("transplants_on_photographs.csv")["accuracy"].iloc[0]
    low, high = (100 * float(end) for end in wilson_interval(round(right * 4000), 4000))
    return f"a narrow ResNet18 has {100 * right:.1f} % ({low:.1f} to {high:.1f}) right"


def row_78():
    return (
        f"ResNet152 / EfficientNet-B1 = "
        f"{_parameters('ResNet152') / _parameters('EfficientNetB1'):.1f} "
        f"(source 7.6); B7 has {_parameters('EfficientNetB7') / 1e6:.0f} million"
    )


def row_79():
    depth = table("networks_and_metrics/depth.csv").groupby(["kind", "depth"])["test"].mean()
    said = [
        f"{kind} {100 * depth[kind, 20]:.0f} % with 20 layers, {100 * depth[kind, 56]:.0f} with 56"
        for kind in ("plain", "residual")
    ]
    return "; ".join(said)


def sizes():
    """The table of networks and blocks of the page."""
    lines = [
        "| network or block | parameters | in dense layers | multiply-adds |",
        "|---" * 4 + "|",
    ]
    for _, row in table("networks_and_metrics/parameters.csv").iterrows():
        cells = [row["name"], f"{row['parameters']:,}"]
        for name in ("in dense layers", "multiply_adds"):
            cells.append("" if np.isnan(row[name]) else f"{row[name]:,.0f}")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def top_12():
    """The twelve best classes of two photographs, side by side."""
    top = table("networks_and_metrics/top_12.csv")
    names = top["photograph"].unique()
    lines = [f"| | {' | '.join(names)} |", "|---" * (1 + len(names)) + "|"]
    for rank, own in top.groupby("rank"):
        cells = [f"{row['score']:.3f} {row['class_name']}" for _, row in own.iterrows()]
        lines.append(f"| {rank} | {' | '.join(cells)} |")
    return "\n".join(lines)


def features():
    """The table of features of flowers: accuracy by the number of training photographs."""
    found = table("flowers/features.csv")
    numbers = found["training_images"].unique()
    head = " | ".join(f"{number:,} photographs" for number in numbers)
    lines = [f"| features | numbers | {head} |", "|---" * (2 + len(numbers)) + "|"]
    for name, own in found.groupby("features", sort=False):
        cells = [
            f"{100 * row['accuracy']:.1f} % ({100 * row['low']:.1f} to {100 * row['high']:.1f})"
            for _, row in own.iterrows()
        ]
        lines.append(f"| {name} | {own['numbers'].iloc[0]:,} | {' | '.join(cells)} |")
    return "\n".join(lines)
