import * as ort from 'onnxruntime-node';
import { OPSET, writeOnnx, type OnnxNode } from '../../graph/onnx-writer.ts';
import type { TopProducts } from '../../projection/index.ts';
