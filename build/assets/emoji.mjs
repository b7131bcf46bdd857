/**
 * Makes assets/emoji/emoji.json.br: the drawings of all emoji that three free sets have in common, as SVG bodies.
 * Run by hand when the sets change: `node build/assets/emoji.mjs`. Needs the npm registry; the result is committed.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

const SETS = [
  { style: 'fluent', package: '@iconify-json/fluent-emoji-flat', version: '1.2.6' },
  { style: 'noto', package: '@iconify-json/noto', version: '1.2.9' },
  { style: 'twemoji', package: '@iconify-json/twemoji', version: '1.2.5' },
];
const out = join(dirname(fileURLToPath(import.meta.url)), '../../assets/emoji/emoji.json.br');

const scratch = mkdtempSync(join(tmpdir(), 'atelier-emoji-'));
try {
  writeFileSync(join(scratch, 'package.json'), '{"private":true}');
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...SETS.map((s) => `${s.package}@${s.version}`)], { cwd: scratch, stdio: 'inherit', shell: process.platform === 'win32' });
  const read = (set, file) => JSON.parse(readFileSync(join(scratch, 'node_modules', set.package, file), 'utf8'));
  const sets = SETS.map((set) => ({ ...set, ...read(set, 'icons.json') }));
  const categoryOf = new Map();
  for (const [category, names] of Object.entries(read(SETS[1], 'metadata.json').categories)) for (const name of names) categoryOf.set(name, category);

  const names = Object.keys(sets[0].icons).filter((name) => categoryOf.has(name) && !name.includes('skin-tone') && sets.every((s) => s.icons[name] && !s.icons[name].hidden)).sort();
  const categories = [...new Set(names.map((n) => categoryOf.get(n)))].sort();
  const styles = sets.map((set) => ({
    style: set.style,
    drawings: names.map((name) => {
      const icon = set.icons[name];
      return { box: [icon.left ?? 0, icon.top ?? 0, icon.width ?? set.width ?? 16, icon.height ?? set.height ?? 16], body: shorten(icon.body) };
    }),
  }));
  const text = JSON.stringify({ names, categories, category: names.map((n) => categories.indexOf(categoryOf.get(n))), styles });
  const bytes = brotliCompressSync(text, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT, [constants.BROTLI_PARAM_SIZE_HINT]: text.length },
  });
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, bytes);
  console.log(`${names.length} names in ${styles.length} styles and ${categories.length} categories: ${bytes.length} bytes`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** Numbers the generated ids of gradients and clips from nought in each drawing; the drawings themselves stay as they are. */
function shorten(body) {
  const ids = new Map();
  return body.replace(/SVG[A-Za-z0-9]{8}/g, (id) => ids.get(id) ?? ids.set(id, `s${ids.size}`).get(id));
}
