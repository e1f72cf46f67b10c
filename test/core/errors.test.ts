import { inspect } from 'node:util';
import { expect } from 'chai';
import {
  ConnectionError,
  type ErrorDetail,
  excerpt,
  limitError,
  NetkitError,
  ProtocolError,
  ReplyError,
  TimeoutError,
  UsageError,
} from '../../lib/core/errors.ts';

const reply = { ok: false, code: '550', text: 'no such file' };
const MAKE: readonly [string, string, string, (detail?: ErrorDetail) => NetkitError][] = [
  ['UsageError', 'NETKIT_USAGE', 'argument', (detail) => new UsageError('text', detail)],
  ['ConnectionError', 'NETKIT_CONNECTION', 'closed', (detail) => new ConnectionError('text', detail)],
  ['TimeoutError', 'NETKIT_TIMEOUT', 'timeout', (detail) => new TimeoutError('text', detail)],
  ['ProtocolError', 'NETKIT_PROTOCOL', 'grammar', (detail) => new ProtocolError('text', detail)],
  ['ReplyError', 'NETKIT_REPLY', 'refused', (detail) => new ReplyError('text', { ...detail, reply })],
];
const DETAIL = {
  protocol: 'ftp',
  phase: 'command',
  command: 'PASS ***',
  host: 'h',
  port: 21,
  bytesReceived: 7,
  temporary: true,
  outcome: 'unknown',
} as const;

describe('errors', () => {
  for (const [name, code, reason, make] of MAKE) {
    describe(name, () => {
      it('has its name, its code, and a reason', () => {
        const error = make();
        expect(error).to.be.an.instanceOf(NetkitError);
        expect(error).to.be.an.instanceOf(Error);
        expect(error).to.include({ name, code, reason, message: 'text', outcome: 'none' });
        expect(String(error)).to.equal(`${name}: text`);
      });

      it('knows what it is told', () => {
        const cause = new Error('beneath');
        const error = make({ ...DETAIL, cause });
        expect(error).to.include({ ...DETAIL, cause });
        expect(JSON.parse(JSON.stringify(error))).to.include({ ...DETAIL, code, reason });
      });

      it('has no properties for what nobody knows', () => {
        const error = make({ protocol: undefined, host: undefined, cause: undefined });
        for (const key of ['protocol', 'host', 'port', 'command', 'bytesReceived', 'cause']) {
          expect(key in error, key).to.equal(false);
        }
        expect(inspect(error)).to.not.include('undefined');
      });
    });
  }

  it('calls a timeout a failure of the connection', () => {
    expect(new TimeoutError('text')).to.be.an.instanceOf(ConnectionError);
    expect(new TimeoutError('text', { phase: 'tls' })).to.include({ phase: 'tls', reason: 'timeout', temporary: true });
  });

  it('says of a mistake that it is one of use', () => {
    expect(new UsageError('text').phase).to.equal('usage');
    expect(new UsageError('text', { reason: 'policy' })).to.include({ reason: 'policy', temporary: false });
  });

  it('says that a lost connection may help when tried again, and failed TLS may not', () => {
    for (const reason of ['resolve', 'connect', 'proxy', 'reset', 'closed', 'truncated'] as const) {
      expect(new ConnectionError('text', { reason }), reason).to.include({ reason, temporary: true });
    }
    for (const reason of ['tls', 'tls-required', 'tls-injection'] as const) {
      expect(new ConnectionError('text', { reason }), reason).to.include({ reason, temporary: false });
    }
    expect(new ConnectionError('text', { reason: 'closed', temporary: false }).temporary).to.equal(false);
  });

  it('says that who is busy may be asked again, and nobody else', () => {
    const temporary = (['auth', 'missing', 'denied', 'busy', 'refused'] as const).filter(
      (reason) => new ReplyError('text', { reply, reason }).temporary,
    );
    expect(temporary).to.deep.equal(['busy']);
    expect(new ReplyError('text', { reply, reason: 'denied', temporary: true }).temporary).to.equal(true);
    expect(new ReplyError('text', { reply }).reply).to.equal(reply);
  });

  it('names the limit that was passed', () => {
    const error = limitError('a line', 8192, { protocol: 'pop3' });
    expect(error).to.be.an.instanceOf(ProtocolError);
    expect(error).to.include({ reason: 'limit', protocol: 'pop3' });
    expect(error.message)
      .to.match(/a line/)
      .and.match(/8192/);
  });

  describe('excerpt', () => {
    it('quotes the first 60 characters', () => {
      expect(excerpt('+OK')).to.equal('"+OK"');
      expect(excerpt('x'.repeat(60))).to.equal(`"${'x'.repeat(60)}"`);
      expect(excerpt('x'.repeat(61))).to.equal(`"${'x'.repeat(60)}…"`);
    });

    it('leaves nothing that a terminal would obey', () => {
      const evil = '\x1b]0;owned\x07\x1b[2J\x9b31m\x7f\r\n\t\0\u202e\u2066';
      expect(excerpt(evil)).to.match(/^[\x20-\x7e]*$/);
      expect(excerpt(evil)).to.include('\\u001b]0;owned').and.include('\\u202e').and.include('\\u009b31m');
    });

    it('leaves other writing as it is', () => {
      expect(excerpt('nö „so“')).to.equal('"nö „so“"');
    });
  });
});
