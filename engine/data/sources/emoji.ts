/** The built-in set: 1561 emoji, each drawn in three styles; classes are the categories of Unicode. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { brotliDecompressSync } from 'node:zlib';
import { assetPath } from '../../core/assets.ts';
import { AtelierError, toAtelierError } from '../../core/errors.ts';
import { decodePicture } from '../../image/index.ts';
import { DEFAULT_SIZE, type ImageSource, type SourceItem } from '../source.ts';

interface Asset {
  names: string[];
  categories: string[];
  /** Category of each name. */
  category: number[];
  styles: { style: string; drawings: { box: [number, number, number, number]; body: string }[] }[];
}

export const EMOJI_STYLES = ['fluent', 'noto', 'twemoji'] as const;
export type EmojiStyle = (typeof EMOJI_STYLES)[number];

const TITLES: Record<EmojiStyle, string> = { fluent: 'Fluent', noto: 'Noto', twemoji: 'Twemoji' };

/**
 * @param style one of them; null: all three, the same emoji always in the same split
 * @param byStyle classes are the styles instead of the categories
 * @throws AtelierError 'not-found' | 'bad-data' when the asset is missing or damaged
 */
export async function openEmoji(style: EmojiStyle | null, byStyle = false): Promise<ImageSource> {
  const path = assetPath('emoji', 'emoji.json.br');
  let asset: Asset;
  let packed: Uint8Array;
  try {
    packed = await readFile(path);
  } catch (error) {
    throw toAtelierError(error, `reading ${path}`);
  }
  try {
    asset = JSON.parse(brotliDecompressSync(packed).toString('utf8')) as Asset;
  } catch (error) {
    throw new AtelierError('bad-data', `${path}, which ships with Latent Atelier, is damaged.`, 'Install the application again.', { cause: error });
  }
  const styles = asset.styles.filter((s) => style === null || s.style === style);
  const items: SourceItem[] = [];
  const svgs: Uint8Array[] = [];
  asset.names.forEach((name, i) => {
    for (const [label, s] of styles.entries()) {
      items.push({ name: styles.length > 1 ? `${s.style}/${name}` : name, label: byStyle ? label : asset.category[i], group: name });
      svgs.push(svgOf(s.drawings[i]));
    }
  });
  return {
    format: 'builtin',
    name: style === null ? (byStyle ? 'Emoji by style' : 'Emoji in three styles') : `Emoji, ${TITLES[style]}`,
    source: `Ships with Latent Atelier: ${styles.map((s) => TITLES[s.style as EmojiStyle]).join(', ')}`,
    identity: createHash('sha256').update(packed).update(byStyle ? 'by style' : (style ?? '')).digest('hex'),
    classes: byStyle ? styles.map((s) => s.style) : asset.categories,
    items,
    skipped: [],
    warnings: [],
    natural: async () => ({ size: DEFAULT_SIZE, channels: 3 }),
    render: async (index, fit) => ({ pixels: (await decodePicture({ path: items[index].name, bytes: svgs[index] }, { ...fit, fit: 'contain' })).pixels, enlarged: false }),
    async close() {},
  };
}

function svgOf({ box: [left, top, width, height], body }: Asset['styles'][number]['drawings'][number]): Uint8Array {
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="${left} ${top} ${width} ${height}" width="${width}" height="${height}">${body}</svg>`);
}
