/**
 * Reads calls and answers. XML of a peer is not trusted: no document types, no processing instructions, no entities beside
 * the five of XML, and bounds on size and depth. What does not follow the grammar is refused, not guessed.
 */
import { SaxesParser } from 'saxes';
import { excerpt, limitError, ProtocolError } from '../../core/errors.ts';
import { XmlRpcFault } from './fault.ts';
import { MAX_DEPTH } from './format.ts';
import { isScalar, readScalar } from './scalar.ts';
import type { XmlRpcStruct, XmlRpcValue } from './value.ts';

export interface XmlRpcCall {
  readonly method: string;
  readonly params: readonly XmlRpcValue[];
}

/** Which elements may be in which; `value` may also hold each that is a scalar. */
const CHILDREN: Readonly<Record<string, readonly string[]>> = {
  methodCall: ['methodName', 'params'],
  methodResponse: ['params', 'fault'],
  params: ['param'],
  param: ['value'],
  fault: ['value'],
  value: ['array', 'struct'],
  array: ['data'],
  data: ['value'],
  struct: ['member'],
  member: ['name', 'value'],
};

/** So many elements are read, each of which becomes much more than the octets that it is written with; fewer from strangers. */
const MAX_ELEMENTS = { methodCall: 250_000, methodResponse: 1_000_000 } as const;
type Root = keyof typeof MAX_ELEMENTS;

/** An element that has been opened. */
interface Frame {
  readonly name: string;
  text: string;
  /** What the elements in it were. */
  readonly parts: Part[];
}

interface Part {
  readonly name: string;
  readonly value: XmlRpcValue;
}

/** A call. Throws ProtocolError for what is none (`grammar`), past the depth of 64 and past 250,000 elements (`limit`). */
export function parseCall(xml: string): XmlRpcCall {
  const [method, params, ...more] = parse(xml, 'methodCall').parts;
  if (typeof method?.value !== 'string' || method.name !== 'methodName' || more.length > 0) {
    throw wrong('expected a method name and its params');
  }
  return { method: method.value, params: params ? listOf(params.value) : [] };
}

/** The value of an answer. Throws XmlRpcFault for a fault, ProtocolError for what is no answer. */
export function parseResponse(xml: string, method?: string): XmlRpcValue {
  const [said, ...more] = parse(xml, 'methodResponse').parts;
  if (!said || more.length > 0) throw wrong('expected one answer, or one fault');
  if (said.name === 'fault') throw faultOf(said.value, method);
  const [value = null, ...rest] = listOf(said.value);
  if (rest.length > 0) throw wrong('an answer has one value');
  return value;
}

/** What a struct is that a fault is made of. Throws ProtocolError where it is none. */
export function faultOf(value: XmlRpcValue, method?: string): XmlRpcFault {
  const { faultCode, faultString } = isStruct(value) ? value : {};
  if (typeof faultCode !== 'number' || typeof faultString !== 'string') {
    throw wrong('a fault has a faultCode and a faultString');
  }
  return new XmlRpcFault(faultCode, faultString, method);
}

export function isStruct(value: XmlRpcValue | undefined): value is XmlRpcStruct {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null;
}

function parse(xml: string, root: Root): Frame {
  const reader = new Reader(root);
  const parser = new SaxesParser();
  parser.on('doctype', () => refuse('document type'));
  parser.on('processinginstruction', () => refuse('processing instruction'));
  parser.on('opentag', ({ name }) => reader.open(name));
  parser.on('closetag', ({ name }) => reader.close(name));
  parser.on('text', (text) => reader.text(text));
  parser.on('cdata', (text) => reader.text(text));
  parser.on('error', (cause) => {
    throw new ProtocolError(`this is not XML: ${excerpt(cause.message)}`, { protocol: 'xmlrpc', cause });
  });
  parser.write(xml).close();
  return reader.document;
}

class Reader {
  readonly #root: Root;
  readonly #frames: Frame[] = [];
  #depth = 0;
  #count = 0;
  #document: Frame | undefined;

  constructor(root: Root) {
    this.#root = root;
  }

  get document(): Frame {
    if (!this.#document) throw wrong(`expected a ${this.#root}`);
    return this.#document;
  }

  open(qualified: string): void {
    const most = MAX_ELEMENTS[this.#root];
    if (++this.#count > most) throw limitError('elements', most, { protocol: 'xmlrpc' });
    const name = localName(qualified);
    const above = this.#frames.at(-1);
    const allowed = above
      ? CHILDREN[above.name]?.includes(name) || (above.name === 'value' && isScalar(name))
      : name === this.#root;
    if (!allowed) throw wrong(`<${excerpt(qualified)}> cannot be ${above ? `in <${above.name}>` : 'the whole'}`);
    if (name === 'value' && ++this.#depth > MAX_DEPTH)
      throw limitError('the depth of values', MAX_DEPTH, { protocol: 'xmlrpc' });
    this.#frames.push({ name, text: '', parts: [] });
  }

  text(text: string): void {
    const frame = this.#frames.at(-1);
    if (frame) frame.text += text;
  }

  close(qualified: string): void {
    const frame = this.#frames.pop();
    if (!frame) throw wrong(`nothing is to be closed by </${excerpt(qualified)}>`);
    if (frame.name === 'value') this.#depth--;
    const above = this.#frames.at(-1);
    if (above) above.parts.push({ name: frame.name, value: contentOf(frame) });
    else this.#document = frame;
  }
}

/** What an element is, once it is whole. Elements that only group others are the list of these. */
function contentOf({ name, text, parts }: Frame): XmlRpcValue {
  if (isScalar(name)) return readScalar(name, text);
  if (name === 'methodName' || name === 'name') return name === 'name' ? text : text.trim();
  if (name === 'value' && parts.length === 0) return text;
  if (/[^ \t\r\n]/.test(text)) throw wrong(`there is text in <${name}>: ${excerpt(text.trim())}`);
  const values = parts.map(({ value }) => value);
  if (name === 'params' || name === 'data') return values;
  if (name === 'struct') return structOf(values);
  if (name === 'member') return memberOf(parts);
  const [value, ...more] = values;
  if (value === undefined || more.length > 0) throw wrong(`<${name}> holds one thing`);
  return value;
}

/** A member on its way into its struct: its name, and its value. */
function memberOf([name, value, ...more]: readonly Part[]): XmlRpcValue {
  if (typeof name?.value !== 'string' || name.name !== 'name' || value?.name !== 'value' || more.length > 0) {
    throw wrong('a member has a name and a value');
  }
  return [name.value, value.value];
}

function structOf(members: readonly XmlRpcValue[]): XmlRpcStruct {
  const struct: Record<string, XmlRpcValue> = Object.create(null);
  for (const member of members) {
    const [name, value] = listOf(member);
    if (typeof name === 'string' && value !== undefined) struct[name] = value;
  }
  return struct;
}

function listOf(value: XmlRpcValue): readonly XmlRpcValue[] {
  return Array.isArray(value) ? value : [];
}

/** Apache's extensions come with a prefix: `ex:nil`. */
function localName(name: string): string {
  return name.startsWith('ex:') ? name.slice(3) : name;
}

function refuse(what: string): never {
  throw wrong(`XML-RPC has no ${what}`);
}

function wrong(message: string): ProtocolError {
  return new ProtocolError(message, { protocol: 'xmlrpc' });
}
