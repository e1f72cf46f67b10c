/** Programs for Python that speak XML-RPC. */

/** A server: prints its port, and serves until it is ended. */
export const SERVER = `
import datetime, xmlrpc.client
from xmlrpc.server import SimpleXMLRPCServer

server = SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False, allow_none=True, use_builtin_types=True)

def describe(value):
    "Gives what Python makes of a value."
    return repr(value)

def say(expression):
    return eval(expression)

def fault(code, text):
    raise xmlrpc.client.Fault(code, text)

def fail(text):
    raise ValueError(text)

def add(*numbers):
    return sum(numbers)

def unsayable():
    return object

server.register_introspection_functions()
server.register_multicall_functions()
for function in (describe, say, fault, fail, unsayable):
    server.register_function(function)
server.register_function(add, "math.add")
print(server.server_address[1], flush=True)
server.serve_forever()
`;

/** A client of ours: \`URL CA EXPRESSIONS\`. Prints what differs of what it says and is told, and what else it found. */
export const CLIENT = `
import datetime, json, ssl, sys, xmlrpc.client

url, ca, expressions = sys.argv[1:]
context = ssl.create_default_context(cafile=ca) if ca else None
proxy = xmlrpc.client.ServerProxy(url, allow_none=True, use_builtin_types=True, context=context)
different = []
for number, expression in enumerate(json.loads(expressions)):
    said = eval(expression)
    told = proxy.exchange(number, said)
    # representations tell 1 from 1.0 and from True, and 0.0 from -0.0
    if repr(told) != repr(said):
        different.append([expression, repr(told)])

def fault(method, *params):
    try:
        return repr(method(*params))
    except xmlrpc.client.Fault as error:
        return [error.faultCode, error.faultString]

multicall = xmlrpc.client.MultiCall(proxy)
multicall.math.add(1, 2)
multicall.fault(17, "of one")
multicall.math.add(3, 4)
results = multicall()
try:
    batch = [results[0], "none", results[2]]
    results[1]
except xmlrpc.client.Fault as error:
    batch[1] = [error.faultCode, error.faultString]

older = xmlrpc.client.ServerProxy(url, allow_none=True, context=context)
binary = older.exchange(-1, xmlrpc.client.Binary(b"\\x00\\xff\\r\\n"))
moment = older.exchange(-1, xmlrpc.client.DateTime("19980717T14:08:55"))
latin = xmlrpc.client.ServerProxy(url, encoding="iso-8859-1", context=context)
transport = xmlrpc.client.SafeTransport(context=context) if ca else xmlrpc.client.Transport()
transport.encode_threshold = 100
packing = xmlrpc.client.ServerProxy(url, transport=transport)
print(json.dumps({
    "different": different,
    "methods": proxy.system.listMethods(),
    "help": proxy.system.methodHelp("math.add"),
    "signature": proxy.system.methodSignature("math.add"),
    "unsigned": proxy.system.methodSignature("fault"),
    "add": proxy.math.add(40, 2),
    "nothing": proxy.nothing(),
    "fault": fault(proxy.fault, 4, "<text> & \\u20ac"),
    "missing": fault(proxy.nobody, 1),
    "failing": fault(proxy.failing),
    "batch": batch,
    "binary": [type(binary).__name__, binary.data.hex()],
    "moment": [type(moment).__name__, moment.value],
    "latin": latin.exchange(-1, "Gr\\xfc\\xdfe"),
    "large": len(packing.exchange(-1, "x" * 1_000_000)),
}))
`;
