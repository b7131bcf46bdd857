import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';

const shapes = {
  discs: (x: number, y: number, r: number, fill: string) => `<circle cx="${x}" cy="${y}" r="${r}" fill="${fill}"/>`,
  squares: (x: number, y: number, r: number, fill: string) => `<rect x="${x - r}" y="${y - r}" width="${2 * r}" height="${2 * r}" fill="${fill}"/>`,
  bars: (x: number, y: number, r: number, fill: string) => `<rect x="${x - r / 3}" y="0" width="${r * 0.7}" height="48" fill="${fill}"/><rect x="0" y="${y}" width="48" height="3" fill="${fill}"/>`,
};

/**
 * A folder as a person might have it: one subfolder per class, pictures of 48 x 48 pixels, one of them cut off, and a text file.
 * @returns the folder and how many of its files are good pictures
 */
export async function makePictures(perClass = 40): Promise<{ folder: string; good: number; broken: string }> {
  const folder = join(mkdtempSync(join(tmpdir(), 'atelier-pictures-')), 'shapes');
  let good = 0;
  let last: Buffer = Buffer.alloc(0);
  for (const [name, draw] of Object.entries(shapes)) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let i = 0; i < perClass; i++) {
      const hue = (i * 137) % 360;
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48"><rect width="48" height="48" fill="hsl(${(hue + 150) % 360} 30% 20%)"/>${draw(14 + ((i * 7) % 20), 14 + ((i * 11) % 20), 6 + (i % 8), `hsl(${hue} 80% 60%)`)}</svg>`;
      last = await sharp(Buffer.from(svg)).png().toBuffer();
      writeFileSync(join(folder, name, `${name}-${String(i).padStart(3, '0')}.png`), last);
      good++;
    }
  }
  const broken = 'cut-off.png';
  writeFileSync(join(folder, 'discs', broken), last.subarray(0, 60));
  writeFileSync(join(folder, 'notes.txt'), 'Not a picture.');
  return { folder, good, broken };
}
