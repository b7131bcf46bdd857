import { binaryLowerings } from './binary.ts';
import { compareLowerings } from './compare.ts';
import { convLowerings } from './conv.ts';
import { depthwiseLowerings } from './depthwise.ts';
import { gatherLowerings } from './gather.ts';
import { matmulLowerings } from './matmul.ts';
import { poolLowerings } from './pool.ts';
import { reduceLowerings } from './reduce.ts';
import { reshapeLowerings } from './reshape.ts';
import { resizeLowerings } from './resize.ts';
import { sliceLowerings } from './slice.ts';
import { softmaxLowerings } from './softmax.ts';
import type { Lowerings } from './types.ts';
import { unaryLowerings } from './unary.ts';

/** Every tfjs kernel that can be part of a compiled graph. */
export const lowerings: Lowerings = {
  ...binaryLowerings,
  ...compareLowerings,
  ...convLowerings,
  ...depthwiseLowerings,
  ...gatherLowerings,
  ...matmulLowerings,
  ...poolLowerings,
  ...reduceLowerings,
  ...reshapeLowerings,
  ...resizeLowerings,
  ...sliceLowerings,
  ...softmaxLowerings,
  ...unaryLowerings,
};
