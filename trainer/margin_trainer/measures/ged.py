"""Generalised energy distance, equation (12), with its V and U conventions named."""

from __future__ import annotations

from dataclasses import dataclass

from margin_trainer.measures.distance import Masks, Matrix, distance


@dataclass(frozen=True)
class EnergyDistance:
    """Means of d over ordered pairs, self-pairs (zero) included, of N samples and M readings."""

    d_sy: float
    d_ss: float
    d_yy: float
    samples: int
    readings: int

    @property
    def v(self) -> float:
        """2 D_sy - D_ss - D_yy with self-pairs: never negative; N draws bias it upward by E d(s, s') / N."""
        return 2 * self.d_sy - self.d_ss - self.d_yy

    @property
    def u_samples(self) -> float:
        """Unbiased in the samples, the readings taken as the whole population; one sample stands for N equal ones."""
        return self.v - self.d_ss / (self.samples - 1) if self.samples > 1 else self.v

    def expected_v(self, count: int) -> float:
        """`v` of `count` of the samples, averaged over every choice: only the share of self-pairs changes.

        The same quantity as GED_V at `count` samples with less noise. On 329 patches of LIDC the standard deviation of
        GED_V at 16 samples over the noise is 0.005, more than models of one table differ by; from 96 it is 0.002.
        """
        if self.samples in (1, count):
            return self.v
        between_different = self.d_ss * self.samples / (self.samples - 1)
        return 2 * self.d_sy - (1 - 1 / count) * between_different - self.d_yy

    @property
    def u(self) -> float:
        """Unbiased in samples and readings, "model error": what is left when both are many. May be negative."""
        return self.u_samples - self.readings_noise

    @property
    def readings_noise(self) -> float:
        """What M readings add to `v` however good the samples are: distance of two different ones, over M."""
        return self.d_yy / (self.readings - 1)

    def samples_noise(self, count: int) -> float:
        """What `count` independent samples add to `v`: distance of two different ones, over `count`."""
        return self.d_ss * self.samples / (self.samples - 1) / count if self.samples > 1 else 0.0


def energy_distance(samples: Masks, readings: Masks) -> EnergyDistance:
    """samples [N, H, W], readings [M, H, W], boolean."""
    return from_distances(distance(samples, readings), distance(samples, samples), distance(readings, readings))


def from_distances(to_readings: Matrix, between_samples: Matrix, between_readings: Matrix) -> EnergyDistance:
    """The same from matrices of d: [N, M], [N, N], [M, M]."""
    return EnergyDistance(
        d_sy=float(to_readings.mean()),
        d_ss=float(between_samples.mean()),
        d_yy=float(between_readings.mean()),
        samples=to_readings.shape[0],
        readings=to_readings.shape[1],
    )
