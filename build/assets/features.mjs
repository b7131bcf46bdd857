/**
 * Makes assets/features/mobilenet-v2.safetensors: the frozen ImageNet backbone of the classifier in the npm package nsfwjs, in its 8-bit
 * weights, without the classifier. Run by hand: `node build/assets/features.mjs`. Needs the npm registry; the result is committed.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE = 'nsfwjs';
const VERSION = '4.3.0';
const out = join(dirname(fileURLToPath(import.meta.url)), '../../assets/features/mobilenet-v2.safetensors');

const scratch = mkdtempSync(join(tmpdir(), 'atelier-features-'));
try {
  execFileSync('npm', ['pack', `${PACKAGE}@${VERSION}`], { cwd: scratch, stdio: 'ignore', shell: process.platform === 'win32' });
  execFileSync('tar', ['xzf', `${PACKAGE}-${VERSION}.tgz`], { cwd: scratch });
  const require = createRequire(import.meta.url);
  const models = join(scratch, 'package', 'dist', 'models', 'mobilenet_v2');
  const model = require(join(models, 'model.min.js'));
  const bytes = Buffer.from(require(join(models, 'group1-shard1of1.min.js')), 'base64');
  const tensors = {};
  const quantisation = {};
  let at = 0;
  for (const { name, shape, quantization } of model.weightsManifest[0].weights) {
    const length = shape.reduce((a, b) => a * b, 1);
    const values = bytes.subarray(at, at + length);
    at += length;
    if (quantization.dtype !== 'uint8') throw new Error(`${name} is of ${quantization.dtype}`);
    if (name.startsWith('dense')) continue;
    tensors[name] = { shape, values };
    quantisation[name] = [quantization.min, quantization.scale];
  }
  if (at !== bytes.length) throw new Error(`${at} of ${bytes.length} bytes are named`);
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, Buffer.concat(encode(tensors, { quantisation: JSON.stringify(quantisation), source: `${PACKAGE} ${VERSION}` })));
  console.log(`${Object.keys(tensors).length} tensors in ${out}`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** The safetensors format; see engine/core/safetensors.ts. */
function encode(tensors, metadata) {
  const header = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    header[name] = { dtype: 'U8', shape, data_offsets: [offset, offset + values.length] };
    offset += values.length;
  }
  const text = Buffer.from(JSON.stringify(header));
  const head = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, 0x20);
  head.writeBigUInt64LE(BigInt(head.length - 8), 0);
  text.copy(head, 8);
  return [head, ...Object.values(tensors).map((t) => t.values)];
}
