import { NetkitError, ProtocolError, UsageError } from '../../core/errors.ts';
import { xmlText } from './encoding.ts';
import { FAULTS, XmlRpcFault } from './fault.ts';
import { formatFault, formatResponse } from './format.ts';
import { isStruct, parseCall } from './parse.ts';
import type { Sendable, XmlRpcValue } from './value.ts';

/** A method: it gets the params of the call. What it throws becomes a fault. */
// biome-ignore lint/suspicious/noConfusingVoidType: a method that gives nothing gives null
export type Method = (...params: XmlRpcValue[]) => Sendable | void | Promise<Sendable | void>;

export interface MethodInfo {
  /** What `system.methodHelp` says. */
  readonly help?: string;
  /** What it gives, then what it takes, in the types of XML-RPC: `['int', 'int', 'int']`. */
  readonly signatures?: readonly (readonly string[])[];
}

export interface DispatcherOptions {
  /** Whether clients may ask what there is (`system.listMethods` and its kin). Default true. */
  readonly introspection?: boolean;
  /** Whether a client may send several calls at once (`system.multicall`). Default true. */
  readonly multicall?: boolean;
  /** Whether a client is told what went wrong in a method that throws something else than XmlRpcFault. Default false. */
  readonly tellErrors?: boolean;
  /** Is told of these errors. */
  readonly onError?: (error: unknown, method: string) => void;
}

interface Registered extends MethodInfo {
  readonly run: Method;
}

/** The most calls in one `system.multicall`. */
const BATCH = 1_000;

/** Methods by name, and the answers to calls of them. Nothing is called but what was registered. */
export class XmlRpcDispatcher {
  readonly #methods = new Map<string, Registered>();
  readonly #options: DispatcherOptions;

  constructor(options: DispatcherOptions = {}) {
    this.#options = options;
    if (options.introspection ?? true) this.#introspect();
    if (options.multicall ?? true) {
      const help = 'Takes a list of { methodName, params }, and gives a list of what they gave, or of their faults.';
      this.register('system.multicall', (calls) => this.#batch(calls), { help, signatures: [['array', 'array']] });
    }
  }

  /** Throws UsageError for a name that no method can have, or that is taken. */
  register(name: string, run: Method, info: MethodInfo = {}): this {
    if (!/^[A-Za-z0-9_.:/]{1,256}$/.test(name)) {
      throw new UsageError('the name of a method has letters, digits, _ . : and / only');
    }
    if (this.#methods.has(name)) throw new UsageError(`there is a method ${name} already`);
    this.#methods.set(name, { ...info, run });
    return this;
  }

  /** The functions of an object and of its class, but those whose name begins with `_`, and those of every object. */
  registerAll(object: object, prefix = ''): this {
    for (const name of methodNames(object)) {
      const method: unknown = Reflect.get(object, name);
      if (typeof method === 'function')
        this.register(prefix + name, (...params) => Reflect.apply(method, object, params));
    }
    return this;
  }

  /** What there is, in the order of their names. */
  get methods(): ReadonlyMap<string, MethodInfo> {
    return new Map([...this.#methods].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The answer to a call, both as XML. A call that is none, and a method that fails, are answered by a fault; never throws. */
  async dispatch(call: Uint8Array, charset?: string): Promise<Buffer> {
    let method = '';
    try {
      const { method: name, params } = parseCall(await xmlText(call, charset));
      method = name;
      return formatResponse(await this.call(method, params));
    } catch (error) {
      const { faultCode, faultString } = this.#faultOf(error, method);
      return formatFault(faultCode, faultString);
    }
  }

  /** Runs a method. Throws XmlRpcFault where there is none of this name, and what the method throws. */
  async call(method: string, params: readonly XmlRpcValue[]): Promise<Sendable> {
    const found = this.#methods.get(method);
    if (!found) throw new XmlRpcFault(FAULTS.METHOD_NOT_FOUND, `there is no method ${method}`);
    return (await found.run(...params)) ?? null;
  }

  #introspect(): void {
    const found = (name: XmlRpcValue | undefined): Registered => {
      const method = typeof name === 'string' ? this.#methods.get(name) : undefined;
      if (!method) throw new XmlRpcFault(FAULTS.INVALID_METHOD_PARAMS, 'expected the name of a method');
      return method;
    };
    this.register('system.listMethods', () => [...this.methods.keys()], {
      help: 'The names of all methods.',
      signatures: [['array']],
    });
    this.register('system.methodHelp', (name) => found(name).help ?? '', {
      help: 'What a method is for.',
      signatures: [['string', 'string']],
    });
    this.register('system.methodSignature', (name) => found(name).signatures ?? 'signatures not supported', {
      help: 'The types of what a method gives and takes.',
      signatures: [['array', 'string']],
    });
  }

  async #batch(calls: XmlRpcValue | undefined): Promise<Sendable> {
    if (!Array.isArray(calls) || calls.length > BATCH) {
      throw new XmlRpcFault(FAULTS.INVALID_METHOD_PARAMS, `expected a list of at most ${BATCH} calls`);
    }
    const results: Sendable[] = [];
    // one after another: what they do may depend on it
    for (const each of calls) results.push(await this.#one(each));
    return results;
  }

  async #one(call: XmlRpcValue): Promise<Sendable> {
    const { methodName = '', params = [] } = isStruct(call) ? call : {};
    try {
      if (typeof methodName !== 'string' || !Array.isArray(params)) {
        throw new XmlRpcFault(FAULTS.INVALID_METHOD_PARAMS, 'a call has a methodName and params');
      }
      if (methodName === 'system.multicall') {
        throw new XmlRpcFault(FAULTS.INVALID_METHOD_PARAMS, 'a multicall holds no other');
      }
      const value = await this.call(methodName, params);
      // what cannot be said must not spoil the answers of the others
      formatResponse(value);
      return [value];
    } catch (error) {
      const { faultCode, faultString } = this.#faultOf(error, `${methodName}`);
      return { faultCode, faultString };
    }
  }

  #faultOf(error: unknown, method: string): { readonly faultCode: number; readonly faultString: string } {
    if (error instanceof XmlRpcFault) return error;
    if (error instanceof ProtocolError && method === '') {
      return { faultCode: FAULTS.PARSE_ERROR, faultString: error.message };
    }
    this.#options.onError?.(error, method);
    const told =
      this.#options.tellErrors && error instanceof Error ? `${error.name}: ${error.message}` : 'internal error';
    return {
      faultCode: error instanceof NetkitError ? FAULTS.INTERNAL_ERROR : FAULTS.APPLICATION_ERROR,
      faultString: told,
    };
  }
}

/** The names of what can be called on an object, up to what every object has. */
function methodNames(object: object): string[] {
  const names = new Set<string>();
  for (
    let each: object | null = object;
    each !== null && each !== Object.prototype;
    each = Object.getPrototypeOf(each)
  ) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(each))) {
      if (typeof value === 'function' && name !== 'constructor' && !name.startsWith('_')) names.add(name);
    }
  }
  return [...names].filter((name) => /^[A-Za-z0-9.:/][\w.:/]*$/.test(name));
}
