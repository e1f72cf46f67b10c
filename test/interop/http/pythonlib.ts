/** A program for Python: `URL CA USER PASSWORD`. It asks in the ways of http.client and urllib, and prints what it found. */
export const PYTHON_CLIENT = `
import hashlib, http.client, http.cookiejar, json, ssl, sys, urllib.error, urllib.parse, urllib.request

url, ca, user, password = sys.argv[1:]
context = ssl.create_default_context(cafile=ca) if ca else None
parts = urllib.parse.urlsplit(url)
found = {}

def connection():
    if ca:
        return http.client.HTTPSConnection("localhost", parts.port, context=context, timeout=10)
    return http.client.HTTPConnection("localhost", parts.port, timeout=10)

# one connection for everything
line = connection()
line.connect()
first = line.sock
for _ in range(20):
    line.request("GET", "/text.txt")
    answer = line.getresponse()
    text = answer.read().decode()
found["text"] = [answer.status, answer.reason, text, answer.getheader("Content-Type")]
line.request("HEAD", "/large.bin")
answer = line.getresponse()
found["head"] = [answer.status, answer.getheader("Content-Length"), answer.getheader("ETag"), len(answer.read())]
line.request("GET", "/chunked")
answer = line.getresponse()
found["chunked"] = [answer.chunked, answer.read().decode()]
line.request("POST", "/echo?a=b", body=(b"x" * 1000 for _ in range(300)), encode_chunked=True)
found["sent"] = json.loads(line.getresponse().read())
line.request("PUT", "/files/a%20b", body=b"\\0\\r\\n" * 1000)
found["put"] = line.getresponse().read().decode()
line.request("GET", "/files/a%20b")
found["got"] = line.getresponse().read() == b"\\0\\r\\n" * 1000
line.request("DELETE", "/files/a%20b")
answer = line.getresponse()
found["deleted"] = [answer.status, len(answer.read())]
line.request("OPTIONS", "/text.txt")
answer = line.getresponse()
answer.read()
found["allow"] = answer.getheader("Allow")
found["kept"] = line.sock is first
line.close()

class Old(http.client.HTTPConnection if not ca else http.client.HTTPSConnection):
    _http_vsn, _http_vsn_str = 10, "HTTP/1.0"

old = Old("localhost", parts.port, timeout=10, **({"context": context} if ca else {}))
old.request("GET", "/chunked")
answer = old.getresponse()
found["old"] = [answer.getheader("Transfer-Encoding"), answer.read().decode(), answer.will_close]

passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
passwords.add_password(None, url, user, password)
jar = http.cookiejar.CookieJar()
opener = urllib.request.build_opener(
    urllib.request.ProxyHandler({}),
    urllib.request.HTTPSHandler(context=context),
    urllib.request.HTTPBasicAuthHandler(passwords),
    urllib.request.HTTPDigestAuthHandler(passwords),
    urllib.request.HTTPCookieProcessor(jar),
)

def fetch(path, **options):
    headers = options.pop("headers", {})
    try:
        with opener.open(urllib.request.Request(url + path, headers=headers, **options), timeout=10) as answer:
            return [answer.status, answer.geturl()[len(url):], answer.read().decode("latin-1")]
    except urllib.error.HTTPError as error:
        return [error.code, None, error.read().decode("latin-1")]

found["basic"] = fetch("/basic/page")
found["digest"] = fetch("/digest/MD5?a=b")
found["redirects"] = {status: fetch("/to/%d/text.txt" % status)[:2] for status in (301, 302, 303, 307, 308)}
found["posted"] = {status: fetch("/to/%d/echo" % status, data=b"a=b")[0] for status in (301, 302, 303, 307, 308)}
found["form"] = json.loads(fetch("/echo", data=urllib.parse.urlencode({"a": "\\u00fc &", "b": 1}).encode())[2])
found["range"] = fetch("/large.bin", headers={"Range": "bytes=4-7"})[::2]
found["unchanged"] = fetch("/large.bin", headers={"If-None-Match": '"v1"'})[0]
found["failed"] = fetch("/status/503")
found["missing"] = fetch("/nobody")[0]
found["cookies"] = [fetch("/cookies")[2], fetch("/cookies")[2], sorted(cookie.name for cookie in jar)]
found["large"] = hashlib.sha256(opener.open(url + "/large.bin").read()).hexdigest()
print(json.dumps(found))
`;
