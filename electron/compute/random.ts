/**
 * Random numbers that a seed decides: the same seed, the same numbers, on every machine. For tests that must be
 * repeatable and for resampling whose result people compare. Not for secrets.
 */
export interface Random {
  /** 0 ≤ x < 1, 53 bits. */
  next(): number;
  /** An integer 0 ≤ x < below. */
  below(below: number): number;
  /** One of the values. */
  pick<T>(values: readonly T[]): T;
  /** Normally distributed, mean 0, deviation 1. */
  normal(): number;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;

  /** A Weyl sequence through a mixing function: 32 bits. */
  function bits(): number {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  }

  const random: Random = {
    next: () => (bits() * 2 ** 21 + (bits() >>> 11)) / 2 ** 53,
    below: (below) => Math.floor(random.next() * below),
    pick: (values) => values[random.below(values.length)]!,
    // Box and Muller; 1 - x keeps the logarithm away from 0.
    normal: () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next()),
  };
  return random;
}
