/** A program for Python: `KIND PORT CA USER PASSWORD GROUP`. It calls what nntplib has, and prints one line of JSON. */
export const NNTPLIB = `
import datetime, json, ssl, sys, warnings
warnings.simplefilter("ignore")
import nntplib

kind, port, ca, user, password, group = sys.argv[1:]
nntplib._MAXLINE = 100_000
context = ssl.create_default_context(cafile=ca) if kind != "none" else None
if kind == "implicit":
    news = nntplib.NNTP_SSL("localhost", int(port), ssl_context=context, timeout=10)
else:
    news = nntplib.NNTP("localhost", int(port), timeout=10)
    if kind == "upgrade":
        news.starttls(context)
        assert "STARTTLS" not in news.getcapabilities()
news.login(user, password, usenetrc=False)
assert "READER" in news.getcapabilities() and news.nntp_version == 2

def text(lines):
    return b"".join(line + b"\\r\\n" for line in lines).decode("utf-8", "surrogateescape")

long_ago = datetime.datetime(2020, 1, 1)
_, count, first, last, name = news.group(group)
_, overviews = news.over((first, last))
ids = [fields["message-id"] for _, fields in overviews]
try:
    news.group("no.such.group")
    missing = ""
except nntplib.NNTPTemporaryError as error:
    missing = error.response[:3]
told = {
    "group": [count, first, last, name],
    "groups": [list(info) for info in news.list()[1]],
    "descriptions": news.descriptions("*")[1],
    "description": news.description(group),
    "newgroups": [info.group for info in news.newgroups(long_ago)[1]],
    "newnews": sorted(news.newnews(group, long_ago)[1]),
    "subjects": [nntplib.decode_header(fields["subject"]) for _, fields in overviews],
    "bytes": [int(fields[":bytes"]) for _, fields in overviews],
    "xhdr": news.xhdr("subject", "1-2")[1],
    "articles": [text(news.article(identity)[1].lines) for identity in ids],
    "bodies": [text(news.body(number)[1].lines) for number in range(first, last + 1)],
    "heads": [text(news.head(number)[1].lines) for number in range(first, last + 1)],
    "stat": list(news.stat(first)[1:]),
    "next": list(news.next()[1:]),
    "last": list(news.last()[1:]),
    "missing": missing,
    "clock": abs((news.date()[1] - datetime.datetime.utcnow()).total_seconds()) < 60,
    "help": len(news.help()[1]) > 0,
}
def written(identity):
    head = f"From: python@example.test\\r\\nNewsgroups: {group}\\r\\nSubject: written\\r\\nMessage-ID: {identity}\\r\\n"
    return (head + "\\r\\n.\\r\\n.dot\\r\\nend\\r\\n").encode().splitlines(True)
news.post(written("<post@python>"))
news.ihave("<ihave@python>", [b"Path: python\\r\\nDate: Mon, 01 Jan 2024 10:00:00 +0000\\r\\n"] + written("<ihave@python>"))
told["posted"] = [text(news.body(identity)[1].lines) for identity in ("<post@python>", "<ihave@python>")]
news.quit()
print(json.dumps(told))
`;
