/** Estimates the seconds left from the fraction done; null while there is too little to tell. */
export function remaining(): (fraction: number) => number | null {
  const began = performance.now();
  return (fraction) => {
    const seconds = (performance.now() - began) / 1000;
    return fraction > 0.01 && seconds > 1 ? (seconds / fraction) * (1 - fraction) : null;
  };
}
