"""The authors' way to a hundred samples, in PyTorch on the CPU, as the peer of a benchmark.

    authors_way.py make FOLDER     a network of the paper's size (filters 32-64-128-256, L = 6, fusion of width 32) with
                                   fixed weights: FOLDER/weights.pt, encoder.onnx, sampler.onnx, image.f32, noise.f64
    authors_way.py serve FOLDER    answers lines {"samples": N} on standard input with {"ms": ..., "cpuMs": ..., "maskPixels":
                                   ..., "contours": ..., "longestPx": ...}; the clock runs from pixels to sizes, in here

As in the authors' code, the U-Net and the prior run once; for each sample z is tiled over the image, concatenated with
the features, and the four 1x1 convolutions run. Statistics by NumPy over the stacked masks, contours by
skimage.measure.find_contours at logit 0, longest diameter from the convex hull of each contour (SciPy).
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from scipy.spatial import ConvexHull, QhullError
from scipy.spatial.distance import pdist
from skimage.measure import find_contours
from torch import Tensor, nn

from margin_trainer.config import NetworkConfig
from margin_trainer.export.encoder import export_encoder
from margin_trainer.export.sampler import export_sampler
from margin_trainer.networks.segmenter import Segmenter
from margin_trainer.sampling.philox import standard_normals

SIZE_PX = 128
SAMPLES = 100
SEED = 1
THREADS = 2
CONFIG = NetworkConfig(channels=1, filters=(32, 64, 128, 256), fusion_width=32, latent_dimension=6)


def phantom() -> tuple[np.ndarray, np.ndarray]:
    """A lesion-like disc in noise, [128, 128] in 0..1, and the signed depth inside it in pixels."""
    generator = np.random.default_rng(7)
    row, column = np.mgrid[:SIZE_PX, :SIZE_PX].astype(np.float64)
    depth = 12 + 3 * np.sin(3 * np.arctan2(row - 64, column - 64)) - np.hypot(row - 64, column - 64)
    image = 0.1 + 0.6 / (1 + np.exp(-depth)) + generator.normal(0, 0.04, depth.shape)
    return image.astype(np.float32), np.clip(depth, -6, 6)


def make(folder: Path) -> None:
    """Random weights, but a fusion that follows the disc, so that samples are outlines and not noise."""
    torch.manual_seed(0)
    model = Segmenter(CONFIG).eval()
    image, depth = phantom()
    part = model.recombination
    with torch.no_grad():
        features = model.unet(torch.from_numpy(image)[None, None])[0].double().flatten(1).T.numpy()
        design = np.concatenate([features, np.ones((len(features), 1))], axis=1)
        fit, *_ = np.linalg.lstsq(design, depth.ravel(), rcond=None)
        spread = torch.randn(CONFIG.latent_dimension, generator=torch.Generator().manual_seed(1))
        for row, sign in ((0, 1.0), (1, -1.0)):
            part.from_features.weight[row, :, 0, 0] = torch.from_numpy(sign * fit[:-1]).float()
            part.from_features.bias[row] = float(sign * fit[-1])
            part.from_latent.weight[row] = sign * spread
        for layer in (part.second, part.third):
            layer.weight.copy_(torch.eye(len(layer.weight))[:, :, None, None])
        part.last.weight.zero_()
        part.last.weight[0, 0], part.last.weight[0, 1] = 1.0, -1.0
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), folder / "weights.pt")
    export_encoder(model, folder / "encoder.onnx")
    export_sampler(model, folder / "sampler.onnx")
    (folder / "image.f32").write_bytes(image.astype("<f4").tobytes())
    noise = standard_normals(SEED, np.arange(SAMPLES), CONFIG.latent_dimension)
    (folder / "noise.f64").write_bytes(noise.astype("<f8").tobytes())


def joined_fusion(model: Segmenter) -> nn.Sequential:
    """The fusion as the authors write it: one first layer over features and tiled z."""
    part = model.recombination
    features, latent = part.from_features, part.from_latent
    first = nn.Conv2d(features.in_channels + latent.in_features, features.out_channels, 1)
    with torch.no_grad():
        first.weight.copy_(torch.cat([features.weight, latent.weight[:, :, None, None]], dim=1))
        first.bias.copy_(features.bias)
    return nn.Sequential(first, nn.ReLU(), part.second, nn.ReLU(), part.third, nn.ReLU(), part.last).eval()


def longest_diameter(contours: list[np.ndarray]) -> float:
    """Between two points of one contour, in pixels; 0 without a contour."""
    longest = 0.0
    for contour in contours:
        try:
            points = contour[ConvexHull(contour).vertices]
        except (QhullError, ValueError):
            points = contour
        if len(points) > 1:
            longest = max(longest, float(pdist(points).max()))
    return longest


class AuthorsWay:
    """The network and the fixed noise of a folder."""

    def __init__(self, folder: Path) -> None:
        self.model = Segmenter(CONFIG).eval()
        self.model.load_state_dict(torch.load(folder / "weights.pt", weights_only=True))
        self.fusion = joined_fusion(self.model)
        self.image = np.fromfile(folder / "image.f32", "<f4").reshape(SIZE_PX, SIZE_PX)
        noise = np.fromfile(folder / "noise.f64", "<f8").reshape(SAMPLES, CONFIG.latent_dimension)
        self.noise = torch.from_numpy(noise.astype(np.float32))

    @torch.no_grad()
    def run(self, samples: int) -> dict[str, float]:
        """Pixels to mean, variance, contours and sizes of `samples` samples."""
        start, start_cpu = time.perf_counter(), time.process_time()
        image = torch.from_numpy(self.image)[None, None]
        features: Tensor = self.model.unet(image)
        prior, _ = self.model.prior(image)
        logits = np.empty((samples, SIZE_PX, SIZE_PX), np.float32)
        for k in range(samples):
            z = prior.mean + prior.log_sigma.exp() * self.noise[k]
            tiled = z[:, :, None, None].expand(-1, -1, SIZE_PX, SIZE_PX)
            logits[k] = self.fusion(torch.cat([features, tiled], dim=1))[0, 0].numpy()
        masks = logits > 0
        mean = masks.mean(axis=0)
        variance = masks.var(axis=0)
        contours = [find_contours(field, 0.0) for field in logits]
        areas = masks.sum(axis=(1, 2))
        equivalent = 2 * np.sqrt(areas / np.pi)
        longest = [longest_diameter(each) for each in contours]
        elapsed = 1000 * (time.perf_counter() - start)
        elapsed_cpu = 1000 * (time.process_time() - start_cpu)
        return {
            "ms": elapsed,
            "cpuMs": elapsed_cpu,
            "maskPixels": int(areas.sum()),
            "contours": sum(len(each) for each in contours),
            "longestPx": float(np.median(longest)),
            "mean": float(mean.mean()),
            "variance": float(variance.mean()),
            "equivalentPx": float(np.median(equivalent)),
        }


def main() -> None:
    command, folder = sys.argv[1], Path(sys.argv[2])
    torch.set_num_threads(THREADS)
    if command == "make":
        make(folder)
        return
    way = AuthorsWay(folder)
    for line in sys.stdin:
        print(json.dumps(way.run(json.loads(line)["samples"])), flush=True)


if __name__ == "__main__":
    main()
