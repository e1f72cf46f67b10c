/** A program for Python: `PORT USER PASSWORD COMMAND`. It calls what telnetlib has, and prints one line of JSON. */
export const TELNETLIB = `
import hashlib, json, re, sys, telnetlib

port, user, password, command = sys.argv[1:]
peer = telnetlib.Telnet("localhost", int(port), timeout=10)
asked = []

def answer(socket, verb, option):
    if verb in (telnetlib.DO, telnetlib.WILL):
        asked.append([{telnetlib.DO: "DO", telnetlib.WILL: "WILL"}[verb], option[0]])
        refusal = telnetlib.WONT if verb == telnetlib.DO else telnetlib.DONT
        socket.sendall(telnetlib.IAC + refusal + option)

peer.set_option_negotiation_callback(answer)
told = {"banner": peer.read_until(b"login: ", 10).decode()}
peer.write(user.encode() + b"\\n")
told["prompt"] = peer.read_until(b"Password: ", 10).decode()
peer.write(password.encode() + b"\\n")
at, match, text = peer.expect([b"no such thing", re.compile(b"([a-z]+)> ")], 10)
told["expected"] = [at, match and match.group(1).decode()]
peer.write(command.encode() + b"\\n")
listing = peer.read_until(b"alice> ", 20)
told["listing"] = hashlib.sha256(listing).hexdigest()
told["size"] = len(listing)
peer.write(b"exit\\n")
told["rest"] = peer.read_all().decode()
told["asked"] = asked
print(json.dumps(told))
`;
