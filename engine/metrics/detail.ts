/**
 * Energy of the finest octave of the spectrum: of each 2x2 block what is left when its mean is taken away (the detail of a Haar wavelet),
 * summed over pictures. An odd last row or column is left out.
 * @param images `[N, H, W, C]`
 */
export function detailEnergy(images: ArrayLike<number>, { height, width, channels }: { height: number; width: number; channels: number }): number {
  const count = images.length / (height * width * channels);
  let energy = 0;
  for (let n = 0; n < count; n++) {
    for (let y = 0; y + 1 < height; y += 2) {
      for (let x = 0; x + 1 < width; x += 2) {
        for (let c = 0; c < channels; c++) {
          const at = ((n * height + y) * width + x) * channels + c;
          const [a, b, d, e] = [images[at], images[at + channels], images[at + width * channels], images[at + (width + 1) * channels]];
          const mean = (a + b + d + e) / 4;
          energy += (a - mean) ** 2 + (b - mean) ** 2 + (d - mean) ** 2 + (e - mean) ** 2;
        }
      }
    }
  }
  return energy;
}

/** Part of the fine detail's energy that pictures still have beside their originals; NaN where those have none. */
export function detailKept(originals: ArrayLike<number>, pictures: ArrayLike<number>, shape: { height: number; width: number; channels: number }): number {
  const before = detailEnergy(originals, shape);
  return before > 1e-9 ? detailEnergy(pictures, shape) / before : NaN;
}
