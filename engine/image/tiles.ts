/** Pictures of any size through something that takes only one size. */

/** Where tiles begin so that they cover `length` and share at least `overlap` with their neighbours; 0 where one tile is enough. */
export function tileStarts(length: number, tile: number, overlap: number): number[] {
  if (length <= tile) return [0];
  const count = Math.ceil((length - overlap) / (tile - overlap));
  return Array.from({ length: count }, (_, i) => Math.round((i * (length - tile)) / (count - 1)));
}

/** `[height, width, C]`; `tile` is the side of the square tiles, `overlap` what neighbours share, both in pixels. */
export interface TileSpec {
  height: number;
  width: number;
  channels: number;
  tile: number;
  overlap: number;
}

const placesOf = ({ height, width, tile, overlap }: TileSpec): [top: number, left: number][] => {
  const across = tileStarts(width, tile, overlap);
  return tileStarts(height, tile, overlap).flatMap((top) => across.map((left): [number, number] => [top, left]));
};

/** Cuts a picture; beyond its border it goes on with the pixels of the border. @returns `[N, tile, tile, C]` */
export function cutTiles(pixels: Float32Array, spec: TileSpec): Float32Array {
  const { height, width, channels, tile } = spec;
  const places = placesOf(spec);
  const out = new Float32Array(places.length * tile * tile * channels);
  let to = 0;
  for (const [top, left] of places) {
    for (let y = 0; y < tile; y++) {
      const row = Math.min(height - 1, top + y) * width;
      for (let x = 0; x < tile; x++) {
        const from = (row + Math.min(width - 1, left + x)) * channels;
        for (let c = 0; c < channels; c++) out[to++] = pixels[from + c];
      }
    }
  }
  return out;
}

/** Puts tiles of `cutTiles` together; where they overlap each counts less towards its edge. @returns `[height, width, C]` */
export function joinTiles(tiles: Float32Array, spec: TileSpec): Float32Array {
  const { height, width, channels, tile, overlap } = spec;
  const ramp = Float32Array.from({ length: tile }, (_, i) => Math.min(1, (i + 0.5) / Math.max(1, overlap), (tile - i - 0.5) / Math.max(1, overlap)));
  const out = new Float32Array(height * width * channels);
  const weights = new Float32Array(height * width);
  for (const [i, [top, left]] of placesOf(spec).entries()) {
    for (let y = 0; y < Math.min(tile, height - top); y++) {
      for (let x = 0; x < Math.min(tile, width - left); x++) {
        const at = (top + y) * width + left + x;
        const weight = ramp[y] * ramp[x];
        weights[at] += weight;
        for (let c = 0; c < channels; c++) out[at * channels + c] += weight * tiles[((i * tile + y) * tile + x) * channels + c];
      }
    }
  }
  for (let i = 0; i < out.length; i++) out[i] /= weights[Math.floor(i / channels)];
  return out;
}
