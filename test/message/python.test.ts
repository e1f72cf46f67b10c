import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { deliver, readMaildir } from '../../lib/message/maildir.ts';
import { readMbox } from '../../lib/message/mbox.ts';
import { MboxSink } from '../../lib/message/mbox-file.ts';
import { decodeWords, encodeWords } from '../../lib/message/words.ts';
import { inFolder } from '../cli/folder.ts';
import { all, rejection } from '../helpers.ts';

const MESSAGES = [
  'Subject: one\n\nbody\n',
  'Subject: two\n\n.\n..\n\nlast\n',
  'Subject: three\n\nfrom\nbytes \xff\xfe\x80\n',
  'Subject: four\n\n',
  `Subject: five\n\n${'x'.repeat(2000)}\n`,
];

function python(program: string, ...args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync('python3', ['-c', program, ...args], { timeout: 15_000 });
  expect(status, String(stderr)).to.equal(0);
  return String(stdout);
}

/** Prints all messages of a mailbox as Latin-1 in JSON. */
const READ = `
import json, mailbox, sys
box = getattr(mailbox, sys.argv[1])(sys.argv[2], create=False)
print(json.dumps([box.get_bytes(key).decode('latin1') for key in box.keys()]))
`;

/** Adds the messages that stand in a file as JSON. */
const WRITE = `
import json, mailbox, sys
box = getattr(mailbox, sys.argv[1])(sys.argv[2])
box.lock()
for text in json.load(open(sys.argv[3])):
    box.add(text.encode('latin1'))
box.close()
`;

/** The same, but the lock is held until standard input ends. */
const HOLD = `
import json, mailbox, sys
box = mailbox.mbox(sys.argv[1])
box.lock()
for text in json.load(open(sys.argv[2])):
    box.add(text.encode('latin1'))
print('locked', flush=True)
sys.stdin.read()
box.close()
`;

describe('message, beside the mailbox module of Python', () => {
  before(function () {
    if (spawnSync('python3', ['--version']).status !== 0) this.skip();
  });

  it('writes an mbox that is read there', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'box');
      for (const message of MESSAGES) {
        const sink = new MboxSink(path, { sender: 'ann@example.org' });
        await sink.write(Buffer.from(message.replaceAll('\n', '\r\n'), 'latin1'));
        await sink.commit();
      }
      expect(JSON.parse(python(READ, 'mbox', path))).to.deep.equal(MESSAGES);
    }));

  it('writes a Maildir that is read there', () =>
    inFolder(async (folder) => {
      const box = join(folder, 'box');
      for (const message of MESSAGES) await deliver(box, [Buffer.from(message.replaceAll('\n', '\r\n'), 'latin1')]);
      expect(JSON.parse(python(READ, 'Maildir', box)).sort()).to.deep.equal([...MESSAGES].sort());
    }));

  it('reads an mbox and a Maildir that were written there', () =>
    inFolder(async (folder) => {
      await writeFile(join(folder, 'messages'), JSON.stringify(MESSAGES));
      await mkdir(join(folder, 'm'));
      python(WRITE, 'mbox', join(folder, 'box'), join(folder, 'messages'));
      python(WRITE, 'Maildir', join(folder, 'm', 'box'), join(folder, 'messages'));
      const fromMbox = await all(readMbox([await readFile(join(folder, 'box'))]));
      expect(fromMbox.map((message) => message.toString('latin1'))).to.deep.equal(MESSAGES);
      const inMaildir = await Promise.all((await all(readMaildir(join(folder, 'm', 'box')))).map(({ read }) => read()));
      expect(inMaildir.map((message) => message.toString('latin1')).sort()).to.deep.equal([...MESSAGES].sort());
    }));

  it('waits while an mbox is locked there, and appends to it then', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'box');
      await writeFile(join(folder, 'messages'), JSON.stringify(MESSAGES));
      const holder = spawn('python3', ['-c', HOLD, path, join(folder, 'messages')], {
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      const ended = once(holder, 'close');
      await once(holder.stdout, 'data');
      const [early, late] = [new MboxSink(path, { lockTimeout: 20 }), new MboxSink(path)];
      await late.write('Subject: six\r\n\r\nbody\r\n');
      expect(await rejection(early.commit())).to.be.an.instanceof(UsageError);
      const appended = late.commit();
      holder.stdin.end();
      await Promise.all([appended, ended]);
      expect(JSON.parse(python(READ, 'mbox', path))).to.deep.equal([...MESSAGES, 'Subject: six\n\nbody\n']);
    }));

  it('reads and writes header words as they are read and written there', () =>
    inFolder(async (folder) => {
      const texts = ['café', 'été à la mer', '日本語'.repeat(30), 'a 😀 b', 'plain', 'ü '.repeat(80).trim(), '=?x?='];
      await writeFile(join(folder, 'words'), JSON.stringify(texts.map((text) => encodeWords(text))));
      const program = `
import json, sys
from email.header import Header, decode_header, make_header
read = [str(make_header(decode_header(text))) for text in json.load(open(sys.argv[1]))]
print(json.dumps([read, [Header(text, 'utf-8').encode() for text in read]]))
`;
      const [read, written] = JSON.parse(python(program, join(folder, 'words')));
      expect(read).to.deep.equal(texts);
      expect(written.map(decodeWords)).to.deep.equal(texts);
    }));
});
