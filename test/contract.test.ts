/**
 * What every protocol promises, asked of each by the verbs that it declares. What is particular to one is in its table,
 * `contract/<protocol>.ts`: a new protocol is a new file there.
 */
import { expect } from 'chai';
import type { AnyProtocol } from '../lib/core/protocol.ts';
import type { Client } from '../lib/core/verbs.ts';
import { protocols } from '../lib/index.ts';
import { describeBodies } from './contract/suite/bodies.ts';
import { describeEffects } from './contract/suite/effects.ts';
import { describeListings, describeSearches } from './contract/suite/listings.ts';
import { describeSecrets } from './contract/suite/secrets.ts';
import { Setting, VERBS } from './contract/suite/setting.ts';
import { describeVerb } from './contract/suite/verb.ts';
import type { Table } from './contract/table.ts';

for (const [name, protocol] of Object.entries<AnyProtocol>(protocols)) {
  const { table }: { table: Table } = await import(`./contract/${name}.ts`);
  describe(`the contract of ${name}`, () => describeContract(new Setting(protocol, table)));
}

function describeContract(setting: Setting): void {
  describeClient(setting);
  if (setting.has('list')) describeListings(setting);
  if (setting.has('search')) describeSearches(setting);
  if (setting.has('fetch')) describeBodies(setting);
  describeEffects(setting);
  describeSecrets(setting);
  for (const verb of setting.declared) describeVerb(setting, verb);
}

function describeClient(setting: Setting): void {
  const { protocol, table, declared, options } = setting;

  it('has in its table a path for every verb that it declares, and what the others need', () => {
    expect(Object.keys(table.paths)).to.have.members(declared);
    const { bytes, large, missing, search, body, dialogue, pathless } = table;
    if (setting.has('fetch')) expect([typeof large, typeof bytes?.length]).to.not.include('undefined');
    // where a path means nothing, nothing is missing
    if (setting.has('fetch')) expect(typeof missing).to.equal(pathless ? 'undefined' : 'string');
    if (setting.has('search')) expect(search).to.be.an('object');
    if (setting.has('send')) expect(body).to.not.equal(undefined);
    if (setting.has('open')) expect(dialogue).to.be.an('object');
    if (protocol.login === true) expect(table.login).to.be.an('object');
  });

  it('has the verbs that it declares, on the client too, and no others', async () => {
    expect(VERBS.filter((verb) => verb in protocol)).to.have.members(declared);
    await setting.using(async (client) => expect(VERBS.filter((verb) => verb in client)).to.have.members(declared));
  });

  it('reports who is there, in what can be put into JSON', async () => {
    const report = await setting.using((client) => client.check());
    expect(JSON.parse(JSON.stringify(report))).to.deep.equal(report);
    expect(Object.keys(report)).to.not.have.length(0);
  });

  it('closes with the block that uses it, and may be closed again', async () => {
    let kept: Client;
    {
      await using client: Client = await protocol.connect(setting.server.url, options);
      await client.check();
      kept = client;
    }
    await kept.close();
    await setting.server.close();
    expect(setting.server.sessions.filter(({ connection }) => connection.usable)).to.have.length(0);
  });
}
