/** What a prior over a fine grid is told of coarser ones (Razavi et al. 2019, section 3.2): their codes' own embeddings, mixed and brought to its size. */
import * as tf from '@tensorflow/tfjs-core';
import { AtelierError } from '../core/errors.ts';
import { conv, convTranspose } from '../nn/conv.ts';
import { embedding } from '../nn/embedding.ts';
import { sequential, type Params, type ParamSpec } from '../nn/layer.ts';
import { relu, residualStack } from '../nn/residual.ts';
import type { CodeGrid } from './define.ts';

export interface ConditionNet {
  readonly params: readonly ParamSpec[];
  /** @param codes int32 `[B, h, w]` of each coarser grid @returns `[B, H, W, channels]` */
  apply(params: Params, codes: readonly tf.Tensor[]): tf.Tensor;
}

const BLOCKS = 2;

/** @param coarser the coarsest first, each of half the next one's side @throws AtelierError 'bad-input' for other sizes */
export function conditionNet(name: string, grid: CodeGrid, coarser: readonly CodeGrid[], channels: number): ConditionNet {
  const stages = coarser.map((from, i) => {
    const to = coarser[i + 1] ?? grid;
    if (to.height !== 2 * from.height || to.width !== 2 * from.width) {
      throw new AtelierError('bad-input', `A grid of ${to.width} by ${to.height} codes cannot be told of one of ${from.width} by ${from.height}.`, 'Each coarser grid has half the side of the next.');
    }
    return {
      table: embedding(`${name}/${i}/embedding`, from.codes, channels, 1 / Math.sqrt(channels)),
      net: sequential(
        conv(`${name}/${i}/mix`, 2, channels, channels, { kernel: 3, before: 'relu' }),
        residualStack(`${name}/${i}/residual`, 2, channels, channels, BLOCKS),
        convTranspose(`${name}/${i}/up`, 2, channels, channels, { kernel: 4, stride: 2, before: 'relu' }),
        relu,
      ),
    };
  });
  return {
    params: stages.flatMap(({ table, net }) => [...table.params, ...net.params]),
    apply(params, codes) {
      let told: tf.Tensor | undefined;
      stages.forEach(({ table, net }, i) => {
        const own = table.apply(params, codes[i]);
        told = net.apply(params, told ? tf.add(told, own) : own);
      });
      return told!;
    },
  };
}
