import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { dispositionName, nameOfTarget, parseDisposition } from '../../lib/http/disposition.ts';
import { formatExtended, parseExtended } from '../../lib/http/extended.ts';

describe('the file name of an answer (RFC 6266)', () => {
  const read: [value: string, type: string, filename: string | undefined][] = [
    ['attachment; filename="example.html"', 'attachment', 'example.html'],
    ['INLINE; FILENAME= "an example.html"', 'inline', 'an example.html'],
    ["attachment; filename*= UTF-8''%e2%82%ac%20rates", 'attachment', '€ rates'],
    ['attachment; filename="EURO rates"; filename*=utf-8\'\'%e2%82%ac%20rates', 'attachment', '€ rates'],
    ["attachment; filename*=utf-8'en'a%C3%A9; filename=b", 'attachment', 'aé'],
    ["attachment; filename*=iso-8859-1''caf%e9", 'attachment', 'café'],
    ["attachment; filename*=utf-8''%e9; filename=b", 'attachment', 'b'],
    ["attachment; filename*=utf-16''ab; filename=b", 'attachment', 'b'],
    ["attachment; filename*=utf-8''%; filename=b", 'attachment', 'b'],
    ['attachment; filename*=b', 'attachment', undefined],
    ['attachment; filename=plain.txt ; x=y', 'attachment', 'plain.txt'],
    ['attachment; filename="a\\"b\\\\c;d"', 'attachment', 'a"b\\c;d'],
    ['attachment; filename="caf\xc3\xa9"', 'attachment', 'café'],
    ['attachment; filename="caf\xe9"', 'attachment', 'café'],
    ['attachment; filename="%41"', 'attachment', '%41'],
    ['attachment; filename=""', 'attachment', ''],
    ['attachment', 'attachment', undefined],
    ['filename=x', 'filename=x', undefined],
    ['', '', undefined],
  ];
  for (const [value, type, filename] of read) {
    it(`is read: ${value}`, () => {
      expect(parseDisposition(value)).to.deep.equal({ type, filename });
    });
  }

  it('is given where a file here can be called so', () => {
    expect(dispositionName('attachment; filename="report 1.pdf"')).to.equal('report 1.pdf');
    expect(dispositionName('inline')).to.equal(undefined);
    expect(dispositionName(undefined)).to.equal(undefined);
  });

  const refused: [id: string, value: string][] = [
    ['http-s57', 'attachment; filename="../../../tmp/netkit-owned"; filename*=UTF-8\'\'%2e%2e%2fy'],
    ['http-s57, the plain name', 'attachment; filename="../../../tmp/netkit-owned"'],
    ['an absolute path', 'attachment; filename="/etc/cron.d/x"'],
    ['http-s59', 'attachment; filename="..\\\\..\\\\x"'],
    ['a drive', 'attachment; filename="C:\\\\x"'],
    ['http-s61', 'attachment; filename=".bashrc"'],
    ['a device', 'attachment; filename="CON"'],
    ['http-s63', 'attachment; filename="a\0b"'],
    ['an option', 'attachment; filename="-rf"'],
    ['nothing', 'attachment; filename=""'],
    ['an encoded line end', "attachment; filename*=utf-8''a%0d%0ab"],
    ['an encoded override of the direction', "attachment; filename*=utf-8''a%e2%80%aegpj.exe"],
  ];
  for (const [id, value] of refused) {
    it(`is refused, not repaired: ${id} (hardening H10)`, () => {
      expect(() => dispositionName(value))
        .to.throw(UsageError)
        .with.property('reason', 'unsafe-name');
    });
  }

  it('is the last part of its path otherwise', () => {
    expect(nameOfTarget('/a/b%20c.txt?d/e#f')).to.equal('b c.txt');
    expect(nameOfTarget('/a/')).to.equal(undefined);
    expect(nameOfTarget('/?a')).to.equal(undefined);
    for (const wrong of ['/%2e%2e%2fx', '/..', '/.bashrc', '/a%00', '/a/b%5cc', '/%e9', '/a%']) {
      expect(() => nameOfTarget(wrong), wrong).to.throw(UsageError);
    }
  });
});

describe('a value that is not in ASCII (RFC 8187)', () => {
  it('comes back as it was', () => {
    for (const text of ['£ rates', "it's (a) *b*", '%41', '☃😀', '']) {
      expect(formatExtended(text)).to.match(/^UTF-8''[A-Za-z0-9%\-._~]*$/);
      expect(parseExtended(formatExtended(text))).to.equal(text);
    }
    expect(() => formatExtended('\ud800')).to.throw(UsageError);
  });

  it('is read as in RFC 8187 3.2.3', () => {
    expect(parseExtended("iso-8859-1'en'%A3%20rates")).to.equal('£ rates');
    expect(parseExtended("UTF-8''%c2%a3%20and%20%e2%82%ac%20rates")).to.equal('£ and € rates');
    for (const wrong of ['', 'a', "utf-8'a", "utf-8''a b", "utf-8''%c3", "utf-8''é", "''a"]) {
      expect(parseExtended(wrong), wrong).to.equal(undefined);
    }
  });
});
