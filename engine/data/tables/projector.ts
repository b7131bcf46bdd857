/**
 * The Embedding Projector's configuration (https://www.tensorflow.org/tensorboard/tensorboard_projector_plugin): JSON with a list
 * of embeddings, each a file of tensors (tab-separated text, or raw float32 with the ending .bytes) and one of metadata.
 */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { AtelierError, toAtelierError } from '../../core/errors.ts';
import type { RawVectors } from './vectors.ts';

const config = z.object({
  embeddings: z.array(z.object({
    tensorName: z.string().optional(),
    tensorShape: z.array(z.number().int().positive()).length(2).optional(),
    tensorPath: z.string(),
    metadataPath: z.string().optional(),
    sprite: z.object({ imagePath: z.string(), singleImageDim: z.array(z.number().int().positive()).length(2) }).optional(),
  })).min(1),
});

export interface ProjectorFiles {
  tensors: string;
  shape: [number, number] | null;
  metadata: string | null;
  sprite: { path: string; width: number; height: number } | null;
}

/**
 * The files of one embedding of a configuration, relative to it.
 * @param name `tensorName`; unset: the first
 * @throws AtelierError 'bad-data' | 'bad-input' | 'not-found'
 */
export async function readProjectorConfig(path: string, name?: string): Promise<ProjectorFiles> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw toAtelierError(error, `reading ${path}`);
  }
  let parsed;
  try {
    parsed = config.parse(JSON.parse(text));
  } catch (error) {
    throw new AtelierError('bad-data', `${path} is not a configuration of the Embedding Projector: a list "embeddings" with a "tensorPath" each was expected.`, 'Name the table itself (csv, tsv, parquet, jsonl, npy, npz or safetensors).', { cause: error });
  }
  const found = name === undefined ? parsed.embeddings[0] : parsed.embeddings.find((e) => e.tensorName === name);
  if (!found) throw new AtelierError('bad-input', `${path} has no embedding "${name}".`, `There are: ${parsed.embeddings.map((e) => e.tensorName ?? '(unnamed)').join(', ')}.`);
  for (const file of [found.tensorPath, found.metadataPath, found.sprite?.imagePath]) {
    if (file && /^https?:/i.test(file)) throw new AtelierError('bad-input', `${path} refers to ${file} on the network, which is not fetched.`, 'Download the file beside the configuration and name it there.');
  }
  const near = (file: string): string => resolve(dirname(path), file);
  return {
    tensors: near(found.tensorPath),
    shape: found.tensorShape ? [found.tensorShape[0], found.tensorShape[1]] : null,
    metadata: found.metadataPath ? near(found.metadataPath) : null,
    sprite: found.sprite ? { path: near(found.sprite.imagePath), width: found.sprite.singleImageDim[0], height: found.sprite.singleImageDim[1] } : null,
  };
}

/** Raw little-endian float32. @throws AtelierError 'bad-data' when the length does not fit the shape */
export async function readRawTensor(path: string, shape: [number, number] | null): Promise<RawVectors> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw toAtelierError(error, `reading ${path}`);
  }
  if (!shape || bytes.length !== shape[0] * shape[1] * 4) {
    throw new AtelierError('bad-data', `${path} has ${bytes.length} bytes, which does not fit ${shape ? `the shape [${shape.join(', ')}] of float32` : 'a shape, for the configuration names none'}.`, 'Correct "tensorShape" in the configuration.');
  }
  return { values: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)), n: shape[0], d: shape[1] };
}
