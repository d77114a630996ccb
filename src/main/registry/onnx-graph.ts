import { accept, refuse } from '../../contract'
import type { Result } from '../../contract'

/**
 * The few facts of an ONNX file that decide whether it may run: which operators, which opset, weights that are numbers.
 * ONNX is protobuf (onnx.proto of the ONNX project; field numbers below are from there), read here only as far as needed.
 */
export interface GraphFacts {
  readonly opset: number
  /** Operators with their domain where it is not ONNX's own, each once. */
  readonly operators: readonly string[]
  /** Weights with a value that is not finite, by name. */
  readonly notFinite: readonly string[]
  /** Weights kept in another file, by name. */
  readonly external: readonly string[]
}

interface Field {
  readonly number: number
  /** The bytes of a length-delimited or fixed-size field; empty for a varint. */
  readonly bytes: Uint8Array
  readonly value: number
}

const MODEL = { graph: 7, opsetImport: 8 }
const OPSET = { domain: 1, version: 2 }
const GRAPH = { node: 1, initialiser: 5 }
const NODE = { operator: 4, attribute: 5, domain: 7 }
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11 }
const TENSOR = { type: 2, floats: 4, name: 8, raw: 9, doubles: 10, external: 13 }
const FLOAT32 = 1
const FLOAT64 = 11
/** Deeper than any graph of ours; a damaged file must not exhaust the stack. */
const MAX_DEPTH = 16

/** Refused: bytes that are not a protobuf message with a graph in it. */
export function readGraphFacts(bytes: Uint8Array, fileName: string): Result<GraphFacts> {
  const facts = { opset: 0, operators: new Set<string>(), notFinite: [], external: [] }
  try {
    let graphs = 0
    for (const field of fieldsOf(bytes)) {
      if (field.number === MODEL.opsetImport) readOpset(field.bytes, facts)
      if (field.number === MODEL.graph) {
        graphs += 1
        readGraph(field.bytes, facts, 0)
      }
    }
    if (graphs !== 1) throw new DamagedGraph('it holds no graph')
  } catch (error) {
    if (!(error instanceof DamagedGraph)) throw error
    return refuse('model-refused', `${fileName} is not a readable ONNX file: ${error.message}.`, {
      path: fileName,
    })
  }
  return accept({ ...facts, operators: [...facts.operators].sort() })
}

class DamagedGraph extends Error {}

interface Gathered {
  opset: number
  readonly operators: Set<string>
  readonly notFinite: string[]
  readonly external: string[]
}

function readOpset(bytes: Uint8Array, facts: Gathered): void {
  let domain = ''
  let version = 0
  for (const field of fieldsOf(bytes)) {
    if (field.number === OPSET.domain) domain = textOf(field.bytes)
    if (field.number === OPSET.version) version = field.value
  }
  if (domain === '' || domain === 'ai.onnx') facts.opset = version
}

function readGraph(bytes: Uint8Array, facts: Gathered, depth: number): void {
  if (depth > MAX_DEPTH) throw new DamagedGraph('graphs are nested too deeply')
  for (const field of fieldsOf(bytes)) {
    if (field.number === GRAPH.node) readNode(field.bytes, facts, depth)
    if (field.number === GRAPH.initialiser) readTensor(field.bytes, facts)
  }
}

function readNode(bytes: Uint8Array, facts: Gathered, depth: number): void {
  let operator = ''
  let domain = ''
  for (const field of fieldsOf(bytes)) {
    if (field.number === NODE.operator) operator = textOf(field.bytes)
    if (field.number === NODE.domain) domain = textOf(field.bytes)
    if (field.number === NODE.attribute) readAttribute(field.bytes, facts, depth)
  }
  facts.operators.add(domain === '' || domain === 'ai.onnx' ? operator : `${domain}.${operator}`)
}

function readAttribute(bytes: Uint8Array, facts: Gathered, depth: number): void {
  for (const field of fieldsOf(bytes)) {
    if (field.number === ATTRIBUTE.tensor || field.number === ATTRIBUTE.tensors)
      readTensor(field.bytes, facts)
    if (field.number === ATTRIBUTE.graph || field.number === ATTRIBUTE.graphs)
      readGraph(field.bytes, facts, depth + 1)
  }
}

function readTensor(bytes: Uint8Array, facts: Gathered): void {
  let name = '(unnamed)'
  let type = 0
  let external = false
  const packed: { readonly bytes: Uint8Array; readonly wide: boolean | null }[] = []
  for (const field of fieldsOf(bytes)) {
    if (field.number === TENSOR.name) name = textOf(field.bytes)
    if (field.number === TENSOR.type) type = field.value
    if (field.number === TENSOR.external) external = true
    if (field.number === TENSOR.floats) packed.push({ bytes: field.bytes, wide: false })
    if (field.number === TENSOR.doubles) packed.push({ bytes: field.bytes, wide: true })
    if (field.number === TENSOR.raw) packed.push({ bytes: field.bytes, wide: null })
  }
  if (external) facts.external.push(name)
  const holdsNumbers = type === FLOAT32 || type === FLOAT64
  if (holdsNumbers && packed.some((part) => !allFinite(part.bytes, part.wide ?? type === FLOAT64))) {
    facts.notFinite.push(name)
  }
}

function allFinite(bytes: Uint8Array, wide: boolean): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const stepBytes = wide ? 8 : 4
  for (let at = 0; at + stepBytes <= bytes.length; at += stepBytes) {
    if (!Number.isFinite(wide ? view.getFloat64(at, true) : view.getFloat32(at, true))) return false
  }
  return true
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at]
      if (byte === undefined) throw new DamagedGraph('it ends early')
      at += 1
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      if (scale > 2 ** 63) throw new DamagedGraph('it holds a number that is too long')
    }
  }
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw new DamagedGraph('it ends early')
    at += length
    return bytes.subarray(at - length, at)
  }
  while (at < bytes.length) {
    const key = varint()
    const number = Math.floor(key / 8)
    const wire = key % 8
    if (wire === 0) yield { number, bytes: new Uint8Array(0), value: varint() }
    else if (wire === 1) yield { number, bytes: take(8), value: 0 }
    else if (wire === 2) yield { number, bytes: take(varint()), value: 0 }
    else if (wire === 5) yield { number, bytes: take(4), value: 0 }
    else throw new DamagedGraph(`it holds a field of kind ${wire}`)
  }
}
