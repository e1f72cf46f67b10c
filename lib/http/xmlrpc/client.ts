import { ProtocolError, UsageError } from '../../core/errors.ts';
import type { CallOptions } from '../../core/options.ts';
import type { XmlRpcFault } from './fault.ts';
import { formatCall } from './format.ts';
import { faultOf, isStruct, parseResponse } from './parse.ts';
import type { Sendable, XmlRpcValue } from './value.ts';

/** Sends a call and gives the answer, as text. */
export type Post = (call: Buffer, options: CallOptions) => Promise<string>;

/** Methods as functions: `proxy.system.listMethods()`. */
export interface XmlRpcProxy {
  (...params: readonly Sendable[]): Promise<XmlRpcValue>;
  readonly [name: string]: XmlRpcProxy;
}

export interface BatchedCall {
  readonly method: string;
  readonly params?: readonly Sendable[];
}

/** The methods of a server. */
export class XmlRpcClient {
  readonly #post: Post;

  constructor(post: Post) {
    this.#post = post;
  }

  /**
   * Calls a method. Throws XmlRpcFault for what the method says, ProtocolError for an answer that is none, UsageError for
   * values that XML-RPC cannot say, and what HTTP throws.
   */
  async call(method: string, params: readonly Sendable[] = [], options: CallOptions = {}): Promise<XmlRpcValue> {
    return parseResponse(await this.#post(formatCall(method, params), options), method);
  }

  /** The methods as functions. A type may say which: `proxy<{ add(a: number, b: number): Promise<number> }>()`. */
  proxy<T = XmlRpcProxy>(options: CallOptions = {}): T {
    return this.#named('', options) as T;
  }

  /**
   * Several calls in one request, by `system.multicall`: what each gave, or the fault that it failed with. Throws as `call`
   * when the whole failed.
   */
  async multicall(calls: readonly BatchedCall[], options: CallOptions = {}): Promise<(XmlRpcValue | XmlRpcFault)[]> {
    const said = calls.map(({ method, params = [] }) => ({ methodName: method, params }));
    const results = await this.call('system.multicall', [said], options);
    if (!Array.isArray(results) || results.length !== calls.length) {
      throw new ProtocolError(`expected ${calls.length} results of a multicall`, { protocol: 'xmlrpc' });
    }
    return results.map((result: XmlRpcValue, i) => {
      if (isStruct(result)) return faultOf(result, calls[i]?.method);
      if (Array.isArray(result) && result.length === 1) return result[0];
      throw new ProtocolError('a result of a multicall is neither a list of one nor a fault', { protocol: 'xmlrpc' });
    });
  }

  /** The names of the methods (`system.listMethods`). */
  async listMethods(options?: CallOptions): Promise<string[]> {
    return strings(await this.call('system.listMethods', [], options));
  }

  /** What a server says of a method. */
  async methodHelp(method: string, options?: CallOptions): Promise<string> {
    const help = await this.call('system.methodHelp', [method], options);
    return typeof help === 'string' ? help : '';
  }

  /** Its signatures: what it gives, then what it takes. Undefined where the server says nothing of that. */
  async methodSignature(method: string, options?: CallOptions): Promise<string[][] | undefined> {
    const signatures = await this.call('system.methodSignature', [method], options);
    return Array.isArray(signatures) ? signatures.map((each: XmlRpcValue) => strings(each)) : undefined;
  }

  #named(method: string, options: CallOptions): unknown {
    const called = (...params: readonly Sendable[]): Promise<XmlRpcValue> => {
      if (method === '') throw new UsageError('a proxy is called by the name of a method: proxy.name()');
      return this.call(method, params, options);
    };
    return new Proxy(called, {
      get: (_target, name): unknown => {
        // who awaits a proxy asks for `then`: it is no promise
        if (typeof name !== 'string' || (method === '' && name === 'then')) return undefined;
        return this.#named(method === '' ? name : `${method}.${name}`, options);
      },
    });
  }
}

function strings(value: XmlRpcValue): string[] {
  if (Array.isArray(value) && value.every((each: XmlRpcValue) => typeof each === 'string')) return value;
  throw new ProtocolError('expected a list of strings', { protocol: 'xmlrpc' });
}
