import type { GraphBuilder } from './builder.ts';
import type { ElementType, OnnxNode, OnnxTensor, OnnxValue } from './onnx-writer.ts';

export interface Result {
  value: string;
  name: string;
  type: ElementType;
  dims: readonly number[];
}

export interface FinishedGraph {
  nodes: OnnxNode[];
  initializers: Map<string, OnnxTensor>;
  inputs: OnnxValue[];
  outputs: OnnxValue[];
}

/** Drops what no result needs, adds biases inside the convolutions they follow, and gives the results their names. */
export function finishGraph(g: GraphBuilder, inputs: readonly OnnxValue[], results: readonly Result[]): FinishedGraph {
  let nodes = reachable(g.nodes, results.map((r) => r.value));
  nodes = foldBiases(g, nodes, new Set(results.map((r) => r.value)));
  nodes = reachable(nodes, results.map((r) => r.value));
  const produced = new Set(nodes.flatMap((n) => n.outputs));
  const renamed = new Map<string, string>();
  const copies: OnnxNode[] = [];
  for (const r of results) {
    if (produced.has(r.value) && !renamed.has(r.value)) renamed.set(r.value, r.name);
    else copies.push({ op: 'Identity', inputs: [r.value], outputs: [r.name], attributes: {} });
  }
  const name = (value: string) => renamed.get(value) ?? value;
  const final = [...nodes, ...copies].map((n) => ({ ...n, inputs: n.inputs.map(name), outputs: n.outputs.map(name) }));
  const needed = new Set(final.flatMap((n) => n.inputs));
  return {
    nodes: final,
    initializers: new Map([...g.initializers].filter(([value]) => needed.has(value))),
    inputs: inputs.filter((i) => needed.has(i.name)),
    outputs: results.map((r) => ({ name: r.name, type: r.type, dims: r.dims })),
  };
}

function reachable(nodes: readonly OnnxNode[], roots: readonly string[]): OnnxNode[] {
  const needed = new Set(roots);
  const kept: OnnxNode[] = [];
  for (let i = nodes.length - 1; i >= 0; i--) {
    if (!nodes[i].outputs.some((o) => needed.has(o))) continue;
    kept.push(nodes[i]);
    for (const input of nodes[i].inputs) needed.add(input);
  }
  return kept.reverse();
}

/** Counts of what reads each value; a result counts as a reader. */
function countUses(nodes: readonly OnnxNode[], roots: ReadonlySet<string>): Map<string, number> {
  const uses = new Map<string, number>();
  for (const value of [...nodes.flatMap((n) => n.inputs), ...roots]) uses.set(value, (uses.get(value) ?? 0) + 1);
  return uses;
}

/**
 * A bias added to a convolution, or to a product that was reshaped, becomes their third input, where nothing else reads the bare
 * result; a ReLU after such a reshape moves before it, where ONNX Runtime can make it part of the product.
 */
function foldBiases(g: GraphBuilder, nodes: readonly OnnxNode[], roots: ReadonlySet<string>): OnnxNode[] {
  const uses = countUses(nodes, roots);
  const made = new Map(nodes.flatMap((n) => n.outputs.map((o) => [o, n] as const)));
  const out: OnnxNode[] = [];
  const put = (n: OnnxNode) => {
    out.push(n);
    for (const o of n.outputs) made.set(o, n);
  };
  for (const n of nodes) {
    const reshaped = n.op === 'Relu' ? only(made, uses, n.inputs[0], 'Reshape') : undefined;
    const folded = n.op === 'Add' ? foldAdd(g, n, made, uses) : undefined;
    if (folded) folded.forEach(put);
    else if (reshaped && made.get(reshaped.inputs[0])?.op === 'Gemm') {
      const inner = `${n.outputs[0]}/flat`;
      put({ ...n, inputs: [reshaped.inputs[0]], outputs: [inner] });
      put({ ...reshaped, inputs: [inner, reshaped.inputs[1]], outputs: n.outputs });
    } else put(n);
  }
  return out;
}

/** The node that makes a value, where it is of this kind and nothing else reads the value. */
function only(made: ReadonlyMap<string, OnnxNode>, uses: ReadonlyMap<string, number>, value: string, op: string): OnnxNode | undefined {
  const node = made.get(value);
  return node?.op === op && uses.get(value) === 1 ? node : undefined;
}

function foldAdd(g: GraphBuilder, add: OnnxNode, made: ReadonlyMap<string, OnnxNode>, uses: ReadonlyMap<string, number>): OnnxNode[] | undefined {
  for (const [product, bias] of [add.inputs, [...add.inputs].reverse()]) {
    const conv = only(made, uses, product, 'Conv') ?? only(made, uses, product, 'ConvTranspose');
    if (conv?.inputs.length === 2) {
      const row = biasRow(g, bias, 'second');
      if (row) return [...row.before, { ...conv, inputs: [...conv.inputs, row.value], outputs: add.outputs }];
    }
    const reshape = only(made, uses, product, 'Reshape');
    const gemm = only(made, uses, reshape ? reshape.inputs[0] : product, 'Gemm');
    if (gemm?.inputs.length !== 2) continue;
    const row = biasRow(g, bias, 'last');
    if (!row || !keepsLast(g, gemm, reshape, row.size)) continue;
    const inner = reshape ? `${add.outputs[0]}/flat` : add.outputs[0];
    const whole: OnnxNode[] = [...row.before, { ...gemm, inputs: [...gemm.inputs, row.value], outputs: [inner] }];
    if (reshape) whole.push({ ...reshape, inputs: [inner, reshape.inputs[1]], outputs: add.outputs });
    return whole;
  }
  return undefined;
}

/** Whether the last axis after a reshape of a product is the product's own columns. */
function keepsLast(g: GraphBuilder, gemm: OnnxNode, reshape: OnnxNode | undefined, size: number): boolean {
  if (!reshape) return true;
  return g.columns.get(gemm.outputs[0]) === size && reshapeDims(g, reshape).at(-1) === size;
}

const reshapeDims = (g: GraphBuilder, node: OnnxNode): number[] => Array.from(g.initializers.get(node.inputs[1])!.data as BigInt64Array, Number);

/** The bias as a list [C], where it is a value with all its elements along the second, or the last, of its axes. */
function biasRow(g: GraphBuilder, bias: string, axis: 'second' | 'last'): { value: string; size: number; before: OnnxNode[] } | undefined {
  const place = (dims: readonly number[]) => (axis === 'second' ? 1 : dims.length - 1);
  const isRow = (dims: readonly number[]) => dims.length > (axis === 'second' ? 2 : 0) && dims[place(dims)] > 1 && dims.every((d, i) => i === place(dims) || d === 1);
  const known = g.initializers.get(bias)?.dims ?? g.inputs.get(bias);
  const node = g.producer.get(bias);
  const dims = known ?? (node?.op === 'Reshape' ? reshapeDims(g, node) : []);
  if (!isRow(dims)) return undefined;
  const size = dims[place(dims)];
  if (known?.length === 1) return { value: bias, size, before: [] };
  if (node && g.inputs.get(node.inputs[0])?.length === 1) return { value: node.inputs[0], size, before: [] };
  const flat = g.reshape(bias, [size]);
  const made = g.producer.get(flat);
  return { value: flat, size, before: made ? [made] : [] };
}
