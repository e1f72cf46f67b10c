/** A program for Python: `KIND PORT CA USER PASSWORD`. It calls what poplib has, and prints one line of JSON. */
export const POPLIB = `
import json, poplib, ssl, sys

kind, port, ca, user, password = sys.argv[1:]
if kind == "implicit":
    box = poplib.POP3_SSL("localhost", int(port), context=ssl.create_default_context(cafile=ca), timeout=10)
else:
    box = poplib.POP3("localhost", int(port), timeout=10)
    assert box.getwelcome().startswith(b"+OK")
    if kind == "upgrade":
        assert "STLS" in box.capa()
        box.stls(ssl.create_default_context(cafile=ca))
        assert "STLS" not in box.capa()

def text(lines):
    return [line.decode() for line in lines]

capabilities = sorted(name for name in box.capa() if name in ("PIPELINING", "SASL", "TOP", "UIDL", "USER"))
box.user(user)
box.pass_(password)
box.noop()
numbers = [line.split()[0] for line in text(box.list()[1])]
try:
    box.retr(99)
    missing = "+OK"
except poplib.error_proto as error:
    missing = error.args[0].decode().split()[0]
told = {
    "stat": list(box.stat()),
    "list": text(box.list()[1]),
    "one": box.list(2).decode(),
    "uidl": text(box.uidl()[1]),
    "messages": ["".join(line + "\\r\\n" for line in text(box.retr(number)[1])) for number in numbers],
    "top": text(box.top(3, 1)[1]),
    "capabilities": capabilities,
    "missing": missing,
}
box.dele(1)
assert box.stat()[0] == len(numbers) - 1
box.rset()
told["left"] = box.stat()[0]
box.quit()
print(json.dumps(told))
`;
