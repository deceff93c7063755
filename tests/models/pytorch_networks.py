"""The networks of `torchvision`, written out.

Names and layers are those of the published networks, so that their state dicts have the names
and the layout of the published weights. It needs PyTorch.
"""

import pytest

torch = pytest.importorskip("torch")
nn = torch.nn


class AlexNet(nn.Module):
    def __init__(self, num_classes, cells):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
            nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
            nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(),
            nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(),
            nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2),
        )  # fmt: skip
        self.classifier = nn.Sequential(
            nn.Dropout(), nn.Linear(256 * cells, 4096), nn.ReLU(),
            nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, num_classes),
        )  # fmt: skip

    def forward(self, x):
        return self.classifier(torch.flatten(self.features(x), 1))


class VGG(nn.Module):
    def __init__(self, stages, num_classes, cells, batch_norm):
        super().__init__()
        features, n_in = [], 3
        for filters, convolutions in stages:
            for _ in range(convolutions):
                features.append(nn.Conv2d(n_in, filters, 3, padding=1))
                if batch_norm:
                    features.append(nn.BatchNorm2d(filters))
                features.append(nn.ReLU())
                n_in = filters
            features.append(nn.MaxPool2d(2, 2))
        self.features = nn.Sequential(*features)
        self.classifier = nn.Sequential(
            nn.Linear(512 * cells, 4096), nn.ReLU(), nn.Dropout(),
            nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, num_classes),
        )  # fmt: skip

    def forward(self, x):
        return self.classifier(torch.flatten(self.features(x), 1))


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, n_in, planes, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(n_in, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = projection(n_in, planes, stride)

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class AggregatedBlock(nn.Module):
    expansion = 4

    def __init__(self, n_in, planes, stride):
        super().__init__()
        width = 2 * planes
        self.conv1 = nn.Conv2d(n_in, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, groups=32, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * planes, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * planes)
        self.downsample = projection(n_in, 4 * planes, stride)

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        y = torch.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


def projection(n_in, n_out, stride):
    if stride == 1 and n_in == n_out:
        return None
    return nn.Sequential(nn.Conv2d(n_in, n_out, 1, stride, bias=False), nn.BatchNorm2d(n_out))


class ResNet(nn.Module):
    def __init__(self, block, blocks, num_classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        n_in = 64
        for stage, (planes, count) in enumerate(zip((64, 128, 256, 512), blocks, strict=True), 1):
            built = []
            for i in range(count):
                built.append(block(n_in, planes, 2 if stage > 1 and i == 0 else 1))
                n_in = planes * block.expansion
            setattr(self, f"layer{stage}", nn.Sequential(*built))
        self.fc = nn.Linear(n_in, num_classes)

    def forward(self, x):
        x = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


class BasicConv2d(nn.Module):
    def __init__(self, n_in, n_out, **kwargs):
        super().__init__()
        self.conv = nn.Conv2d(n_in, n_out, bias=False, **kwargs)
        self.bn = nn.BatchNorm2d(n_out, eps=0.001)

    def forward(self, x):
        return torch.relu(self.bn(self.conv(x)))


class Inception(nn.Module):
    def __init__(self, n_in, ch1, ch3red, ch3, ch5red, ch5, pool):
        super().__init__()
        one, three = {"kernel_size": 1}, {"kernel_size": 3, "padding": 1}
        self.branch1 = BasicConv2d(n_in, ch1, **one)
        self.branch2 = nn.Sequential(
            BasicConv2d(n_in, ch3red, **one), BasicConv2d(ch3red, ch3, **three)
        )
        self.branch3 = nn.Sequential(
            BasicConv2d(n_in, ch5red, **one), BasicConv2d(ch5red, ch5, **three)
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(3, 1, 1, ceil_mode=True), BasicConv2d(n_in, pool, **one)
        )

    def forward(self, x):
        return torch.cat(
            [b(x) for b in (self.branch1, self.branch2, self.branch3, self.branch4)], 1
        )


class InceptionAux(nn.Module):
    def __init__(self, n_in, num_classes):
        super().__init__()
        self.conv = BasicConv2d(n_in, 128, kernel_size=1)
        self.fc1 = nn.Linear(2048, 1024)
        self.fc2 = nn.Linear(1024, num_classes)

    def forward(self, x):
        x = torch.flatten(self.conv(nn.functional.adaptive_avg_pool2d(x, (4, 4))), 1)
        return self.fc2(torch.relu(self.fc1(x)))


class GoogLeNet(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.conv1 = BasicConv2d(3, 64, kernel_size=7, stride=2, padding=3)
        self.maxpool = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.conv2 = BasicConv2d(64, 64, kernel_size=1)
        self.conv3 = BasicConv2d(64, 192, kernel_size=3, padding=1)
        self.inception3a = Inception(192, 64, 96, 128, 16, 32, 32)
        self.inception3b = Inception(256, 128, 128, 192, 32, 96, 64)
        self.inception4a = Inception(480, 192, 96, 208, 16, 48, 64)
        self.inception4b = Inception(512, 160, 112, 224, 24, 64, 64)
        self.inception4c = Inception(512, 128, 128, 256, 24, 64, 64)
        self.inception4d = Inception(512, 112, 144, 288, 32, 64, 64)
        self.inception4e = Inception(528, 256, 160, 320, 32, 128, 128)
        self.maxpool4 = nn.MaxPool2d(2, 2, ceil_mode=True)
        self.inception5a = Inception(832, 256, 160, 320, 32, 128, 128)
        self.inception5b = Inception(832, 384, 192, 384, 48, 128, 128)
        self.aux1 = InceptionAux(512, num_classes)
        self.aux2 = InceptionAux(528, num_classes)
        self.fc = nn.Linear(1024, num_classes)

    def forward(self, x):
        x = self.maxpool(self.conv1(x))
        x = self.maxpool(self.conv3(self.conv2(x)))
        x = self.maxpool(self.inception3b(self.inception3a(x)))
        x = a = self.inception4a(x)
        x = b = self.inception4d(self.inception4c(self.inception4b(x)))
        x = self.maxpool4(self.inception4e(x))
        x = self.inception5b(self.inception5a(x))
        return self.fc(x.mean((2, 3))), self.aux1(a), self.aux2(b)


VGG16 = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))

VGG19 = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4))


def randomized(network, seed=0):
    """Random weights that keep activations near 1, statistics of the normalisations included."""
    generator = torch.Generator().manual_seed(seed)

    def normal(tensor, std, mean=0.0):
        tensor.copy_(mean + std * torch.randn(tensor.shape, generator=generator))

    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                normal(module.weight, (2 / module.weight[0].numel()) ** 0.5)
                if module.bias is not None:
                    normal(module.bias, 0.1)
            if isinstance(module, nn.BatchNorm2d):
                normal(module.weight, 0.1, 0.7)
                normal(module.bias, 0.1)
                normal(module.running_mean, 0.1)
                module.running_var.copy_(
                    0.5 + torch.rand(module.running_var.shape, generator=generator)
                )
    return network.eval()
