import { PbfWriter } from "pbf";
import { ELEMENT_CODES } from "./model.ts";
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from "./model.ts";

/**
 * Writes an ONNX model as bytes. Field numbers are those of `onnx.proto` (IR version 10); only the messages that we
 * use are here.
 */
export function encodeModel(model: OnnxModel): Uint8Array {
  const writer = new PbfWriter();
  writeModel(model, writer);
  return writer.finish();
}

const IR_VERSION = 10;

function writeModel(model: OnnxModel, writer: PbfWriter): void {
  writer.writeVarintField(1, IR_VERSION);
  writer.writeStringField(2, model.producer);
  writer.writeMessage(7, writeGraph, model.graph);
  for (const [domain, version] of Object.entries(model.operationSets)) {
    writer.writeMessage(8, writeOperationSet, { domain, version });
  }
  for (const [key, value] of Object.entries(model.metadata)) writer.writeMessage(14, writeEntry, { key, value });
}

function writeOperationSet(set: { domain: string; version: number }, writer: PbfWriter): void {
  writer.writeStringField(1, set.domain);
  writer.writeVarintField(2, set.version);
}

function writeEntry(entry: { key: string; value: string }, writer: PbfWriter): void {
  writer.writeStringField(1, entry.key);
  writer.writeStringField(2, entry.value);
}

function writeGraph(graph: OnnxGraph, writer: PbfWriter): void {
  for (const node of graph.nodes) writer.writeMessage(1, writeNode, node);
  writer.writeStringField(2, graph.name);
  for (const constant of graph.constants) writer.writeMessage(5, writeTensor, constant);
  for (const input of graph.inputs) writer.writeMessage(11, writeValue, input);
  for (const output of graph.outputs) writer.writeMessage(12, writeValue, output);
}

function writeNode(node: OnnxNode, writer: PbfWriter): void {
  for (const input of node.inputs) writer.writeStringField(1, input);
  for (const output of node.outputs) writer.writeStringField(2, output);
  // Names help profiles and error messages, and every node's first result is unique.
  writer.writeStringField(3, node.outputs[0]);
  writer.writeStringField(4, node.operation);
  for (const [name, value] of Object.entries(node.attributes)) writer.writeMessage(5, writeAttribute, { name, value });
  if (node.domain !== "") writer.writeStringField(7, node.domain);
}

function writeAttribute(attribute: { name: string; value: OnnxAttribute }, writer: PbfWriter): void {
  const { name, value } = attribute;
  writer.writeStringField(1, name);
  if ("float" in value) {
    writer.writeFloatField(2, value.float);
    writer.writeVarintField(20, 1);
  } else if ("int" in value) {
    writer.writeVarintField(3, value.int);
    writer.writeVarintField(20, 2);
  } else if ("string" in value) {
    writer.writeStringField(4, value.string);
    writer.writeVarintField(20, 3);
  } else if ("graph" in value) {
    writer.writeMessage(6, writeGraph, value.graph);
    writer.writeVarintField(20, 5);
  } else {
    writer.writePackedVarint(8, [...value.ints]);
    writer.writeVarintField(20, 7);
  }
}

function writeTensor(tensor: OnnxTensor, writer: PbfWriter): void {
  writer.writePackedVarint(1, [...tensor.shape]);
  writer.writeVarintField(2, ELEMENT_CODES[tensor.element]);
  writer.writeStringField(8, tensor.name);
  writer.writeBytesField(9, tensor.bytes);
}

function writeValue(value: OnnxValue, writer: PbfWriter): void {
  writer.writeStringField(1, value.name);
  writer.writeMessage(2, writeType, value);
}

function writeType(value: OnnxValue, writer: PbfWriter): void {
  if (value.list) writer.writeMessage(4, writeListType, value);
  else writer.writeMessage(1, writeTensorType, value);
}

function writeListType(value: OnnxValue, writer: PbfWriter): void {
  writer.writeMessage(1, writeType, { ...value, list: undefined });
}

function writeTensorType(value: OnnxValue, writer: PbfWriter): void {
  writer.writeVarintField(1, ELEMENT_CODES[value.element]);
  // An absent shape would mean "unknown"; a scalar has a shape without axes.
  writer.writeMessage(2, writeShape, value.shape);
}

function writeShape(shape: readonly number[], writer: PbfWriter): void {
  for (const size of shape) writer.writeMessage(1, writeDimension, size);
}

function writeDimension(size: number, writer: PbfWriter): void {
  writer.writeVarintField(1, size);
}
