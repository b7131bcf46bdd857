import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { writeFileAtomic } from '../../core/atomic-file.ts';
import { AtelierError, toAtelierError } from '../../core/errors.ts';
import { psnr } from '../psnr.ts';
import { remaining } from '../remaining.ts';
import type { TaskFunction } from '../worker-messages.ts';
import { decodeContainer, encodeContainer } from './container.ts';
import { completed, withPacker } from './with-packer.ts';

/** Writes pictures as one `.atl` file. */
export const compressPictures: TaskFunction<'compress'> = ({ run, paths, out, grids }, { log, progress }) =>
  withPacker(run, log, async (opened) => {
    const { trained, prior } = opened;
    const { height, width, channels } = trained.model.input;
    if (extname(out).toLowerCase() !== '.atl') throw new AtelierError('bad-input', `${out}: compressed pictures are written as .atl.`, 'Give the file the ending .atl.');
    if (height !== width) throw new AtelierError('bad-input', `The run takes pictures of ${width}x${height} pixels, and files are cut square.`, 'Take a run on square pictures.');
    const { levels } = prior.model;
    if (grids !== undefined && grids > levels.length) throw new AtelierError('bad-input', `"${trained.info.name}" has ${levels.length} grid${levels.length > 1 ? 's' : ''} of codes, not ${grids}.`, 'Leave the number of grids out for all.');
    const { readPictures } = await import('../../data/index.ts');
    const eta = remaining();
    const pixels = await readPictures(paths, height, channels as 1 | 3 | 4);
    const codes = await trained.encodeCodes(pixels);
    const { bytes: stream, estimatedBits } = await prior.pack(codes, { grids, onProgress: (done) => progress({ progress: done, etaSec: eta(done), message: 'Compressing' }) });
    const names = paths.map((path) => basename(path, extname(path)));
    const file = encodeContainer({ model: trained.fingerprint, prior: prior.fingerprint, grids: grids ?? levels.length, writtenBy: trained.info.name, names, stream });
    await writeFileAtomic(out, file);
    const count = paths.length;
    const shown = await trained.decodeCodes(await completed(opened, codes, grids ?? levels.length));
    return {
      out, count, names,
      bytes: file.length,
      streamBytes: stream.length,
      estimatedBytes: estimatedBits.reduce((a, b) => a + b, 0) / 8,
      bitsPerPixel: (8 * file.length) / (count * height * width),
      psnrDb: psnr(pixels, shown, count),
    };
  });

/** Takes such a file apart. */
export const decompressPictures: TaskFunction<'decompress'> = ({ run, file, out }, { log, progress }) =>
  withPacker(run, log, async (opened) => {
    const { trained, prior } = opened;
    const bytes = await readFile(file).catch((error: unknown) => {
      throw toAtelierError(error, `reading ${file}`);
    });
    const found = decodeContainer(bytes, file);
    const { name, codec } = trained.info;
    const sameModel = trained.fingerprint.startsWith(found.model);
    if (!sameModel || !prior.fingerprint.startsWith(found.prior)) {
      const what = sameModel ? 'another prior' : 'another model';
      throw new AtelierError('bad-input', `${file} was written by ${what}, "${found.writtenBy}"; "${name}", over the codes of "${codec!.name}", cannot read it.`, `Name the run that wrote it, as it was then.`);
    }
    const eta = remaining();
    const codes = await prior.unpack(found.stream, found.names.length, { grids: found.grids, onProgress: (done) => progress({ progress: done, etaSec: eta(done), message: 'Taking apart' }) });
    const pixels = await trained.decodeCodes(await completed(opened, codes, found.grids));
    const { encodePicture } = await import('../../image/index.ts');
    const { height, width, channels } = trained.model.input;
    const size = height * width * channels;
    const files: string[] = [];
    for (const [i, picture] of uniqueNames(found.names).entries()) {
      const { bytes: png } = await encodePicture(pixels.subarray(i * size, (i + 1) * size), height, width, channels as 1 | 3 | 4, { mime: 'image/png' });
      await writeFileAtomic(join(out, `${picture}.png`), png);
      files.push(`${picture}.png`);
    }
    return { folder: out, files };
  });

/** Names that can be files of one folder. */
function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((given) => {
    const plain = [...given].map((c) => (c < ' ' || '<>:"/\\|?*'.includes(c) ? '_' : c)).join('').replace(/^\.+/, '_') || 'picture';
    let name = plain;
    for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${plain}-${n}`;
    taken.add(name.toLowerCase());
    return name;
  });
}
