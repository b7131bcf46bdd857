import { binaryLowerings } from './binary.ts';
import { compareLowerings } from './compare.ts';
import { convLowerings } from './conv.ts';
import { gatherLowerings } from './gather.ts';
import { matmulLowerings } from './matmul.ts';
import { reduceLowerings } from './reduce.ts';
import { reshapeLowerings } from './reshape.ts';
import { sliceLowerings } from './slice.ts';
import { softmaxLowerings } from './softmax.ts';
import type { Lowerings } from './types.ts';
import { unaryLowerings } from './unary.ts';

/** Every tfjs kernel that can be part of a compiled graph. */
export const lowerings: Lowerings = {
  ...binaryLowerings,
  ...compareLowerings,
  ...convLowerings,
  ...gatherLowerings,
  ...matmulLowerings,
  ...reduceLowerings,
  ...reshapeLowerings,
  ...sliceLowerings,
  ...softmaxLowerings,
  ...unaryLowerings,
};
