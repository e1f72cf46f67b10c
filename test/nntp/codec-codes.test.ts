import { expect } from 'chai';
import { ProtocolError, ReplyError } from '../../lib/core/errors.ts';
import { type NntpReply, parseReply, reasonOf, refusal, type Verb } from '../../lib/nntp/codes.ts';

describe('a reply of NNTP', () => {
  const rows: [line: string, verb: Verb, follows: NntpReply['follows']][] = [
    ['200 news ready', 'greeting', 'nothing'],
    ['201 no posting', 'MODE READER', 'nothing'],
    ['101', 'CAPABILITIES', 'block'],
    ['203 streaming', 'MODE STREAM', 'nothing'],
    ['211 1 1 1 misc.test', 'GROUP', 'nothing'],
    ['211 1 1 1 misc.test', 'LISTGROUP', 'block'],
    ['223 1 <a@b>', 'NEXT', 'nothing'],
    ['220 1 <a@b>', 'ARTICLE', 'block'],
    ['221 1 <a@b>', 'HEAD', 'block'],
    ['222 1 <a@b>', 'BODY', 'block'],
    ['224 rows', 'XOVER', 'block'],
    ['225 headers', 'HDR', 'block'],
    ['221 headers', 'XPAT', 'block'],
    ['215 list', 'LIST', 'block'],
    ['231 groups', 'NEWGROUPS', 'block'],
    ['230 ids', 'NEWNEWS', 'block'],
    ['111 20240101000000', 'DATE', 'nothing'],
    ['100 help', 'HELP', 'block'],
    ['340 send it', 'POST', 'more'],
    ['240 thanks', 'POST article', 'nothing'],
    ['335 send it', 'IHAVE', 'more'],
    ['235 thanks', 'IHAVE article', 'nothing'],
    ['238 <a@b>', 'CHECK', 'nothing'],
    ['239 <a@b>', 'TAKETHIS', 'nothing'],
    ['281 welcome', 'AUTHINFO USER', 'nothing'],
    ['381 and now the password', 'AUTHINFO USER', 'more'],
    ['383 =', 'AUTHINFO SASL', 'more'],
    ['283 dj1ycj0=', 'AUTHINFO SASL', 'nothing'],
    ['382 go', 'STARTTLS', 'nothing'],
    ['206 compressed', 'COMPRESS', 'nothing'],
    ['205 bye', 'QUIT', 'nothing'],
  ];
  for (const [line, verb, follows] of rows) {
    it(`to ${verb} is ${line}`, () => {
      expect(parseReply(line, verb)).to.deep.equal({ ok: true, code: line.slice(0, 3), text: line.slice(4), follows });
    });
  }

  it('says no with 400 and above, to anything', () => {
    for (const code of ['400', '403', '411', '480', '483', '499', '500', '502', '599'])
      expect(parseReply(`${code} no`, 'STAT')).to.deep.equal({ ok: false, code, text: 'no', follows: 'nothing' });
  });

  const foreign: [line: string, verb: Verb][] = [
    ['220 1 <a@b>', 'STAT'],
    ['223 1 <a@b>', 'ARTICLE'],
    ['215 list', 'GROUP'],
    ['220 smtp.example.org ESMTP', 'greeting'],
    ['381 more', 'AUTHINFO PASS'],
    ['240 thanks', 'POST'],
    ['340 send it', 'POST article'],
    ['250 ok', 'STARTTLS'],
    ['100 help', 'DATE'],
  ];
  for (const [line, verb] of foreign) {
    it(`to ${verb} is not ${line}`, () => {
      expect(() => parseReply(line, verb))
        .to.throw(ProtocolError, line.slice(0, 3))
        .with.property('reason', 'grammar');
    });
  }

  it('says which code would bring a block', () => {
    expect(() => parseReply('220 1 <a@b>', 'STAT')).to.throw(
      'the server answered STAT with 220, which would bring a block',
    );
  });

  for (const line of ['+20 ok', '20 ok', '2000 ok', 'x', '', '099 a', '600 a', '200-more', '２００ ok', '200ok']) {
    it(`is not ${JSON.stringify(line)}`, () => expect(() => parseReply(line, 'greeting')).to.throw(ProtocolError));
  }
});

describe('a refusal of NNTP', () => {
  const rows: [reason: string, codes: number[]][] = [
    ['auth', [480, 481, 482, 483]],
    ['missing', [411, 420, 421, 422, 423, 430]],
    ['denied', [435, 437, 438, 439, 440, 441, 502]],
    ['busy', [400, 403, 431, 436]],
    ['refused', [401, 412, 500, 501, 503, 504, 599]],
  ];
  for (const [reason, codes] of rows) {
    it(`is ${reason}: ${codes.join(' ')}`, () => {
      for (const code of codes) {
        const error = refusal({ ok: false, code: `${code}`, text: 'no' }, 'GROUP');
        expect(error).to.be.instanceOf(ReplyError);
        expect(error).to.include({ reason, temporary: reason === 'busy', phase: 'command', protocol: 'nntp' });
        expect(error.reply).to.deep.equal({ ok: false, code: `${code}`, text: 'no' });
      }
    });
  }

  it('of a login is auth, of a connection belongs to the greeting', () => {
    expect(reasonOf('502', 'AUTHINFO PASS')).to.equal('auth');
    expect(refusal({ ok: false, code: '481', text: '' }, 'AUTHINFO SASL').phase).to.equal('auth');
    expect(refusal({ ok: false, code: '400', text: 'load too high' }, 'greeting')).to.include({
      phase: 'greeting',
      temporary: true,
      message: 'the server refuses the connection: 400 "load too high"',
    });
    expect(refusal({ ok: false, code: '580', text: 'no' }, 'STARTTLS').phase).to.equal('tls');
  });

  it('shows no control characters of the server', () => {
    const { message } = refusal({ ok: false, code: '411', text: '\x1b]0;owned\x07\x9b31m' }, 'GROUP');
    expect(message).to.match(/^[\x20-\x7e]*$/);
  });
});
