import { backend_util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { align, reshapeView } from '../layout.ts';
import type { Call, Lowering, Lowerings } from './types.ts';

type Operands = { a: TensorInfo; b: TensorInfo };

const comparison = (op: string): Lowering => ({ store, g, inputs }: Call<unknown, Operands>) => {
  const shape = backend_util.assertAndGetBroadcastShape([...inputs.a.shape], [...inputs.b.shape]);
  const { values, order, dims } = align(g, [store.view(inputs.a), store.view(inputs.b)], shape);
  const value = op === 'NotEqual' ? g.emit('Not', [g.emit('Equal', values)]) : g.emit(op, values);
  return store.output({ value, type: 'bool', shape, order, dims }, 'bool');
};

const test = (emit: (call: Call, value: string) => string): Lowering => (call: Call<unknown, { x: TensorInfo }>) => {
  const v = call.store.view(call.inputs.x);
  return call.store.output({ ...v, value: emit(call, v.value), type: 'bool' }, 'bool');
};

/** condition ? t : e. The condition has their shape, or is a list of rows. */
function select({ store, g, inputs }: Call<unknown, { condition: TensorInfo; t: TensorInfo; e: TensorInfo }>): TensorInfo {
  const { t, e } = inputs;
  const { condition } = inputs;
  const rank = t.shape.length;
  const rows = condition.shape.length === 1 && rank > 1 ? [condition.shape[0], ...new Array<number>(rank - 1).fill(1)] : condition.shape;
  const { values, order, dims } = align(g, [reshapeView(g, store.view(condition), rows), store.view(t), store.view(e)], t.shape);
  return store.output({ value: g.emit('Where', values), type: store.view(t).type, shape: t.shape, order, dims }, t.dtype);
}

export const compareLowerings: Lowerings = {
  Equal: comparison('Equal'),
  NotEqual: comparison('NotEqual'),
  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterOrEqual'),
  Less: comparison('Less'),
  LessEqual: comparison('LessOrEqual'),
  LogicalAnd: comparison('And'),
  LogicalOr: comparison('Or'),
  LogicalNot: test(({ g }, x) => g.emit('Not', [x])),
  IsNan: test(({ g }, x) => g.emit('IsNaN', [x])),
  IsInf: test(({ g }, x) => g.emit('IsInf', [x])),
  IsFinite: test(({ g }, x) => g.emit('Less', [g.emit('Abs', [x]), g.scalar(Infinity)])),
  Select: select,
};
