#!/bin/sh
# INN: NNTP. What it has is said in seed.py.
#   PORT      innd, where 127.0.0.1 is a peer (IHAVE, CHECK, TAKETHIS); a reader has to say MODE READER
#   PORT + 1  nnrpd with STARTTLS: anyone reads, and who has logged in posts, and reads netkit.private
#   PORT + 2  the same, nntps
#   PORT + 3  nnrpd that gives nothing before a password, and takes no password before TLS
. "$(dirname "$0")/../lib/common.sh"
need openssl setsid setpriv saslpasswd2 /usr/lib/news/bin/innd
[ "$(id -u)" = 0 ] || die "innd runs only as the user news: run this as root"
begin "$@"
certificates
owner news
programs=/usr/lib/news/bin
mkdir -p "$DIR/db" "$DIR/spool/articles" "$DIR/spool/overview" "$DIR/spool/outgoing" "$DIR/spool/incoming/tmp" \
  "$DIR/spool/incoming/bad" "$DIR/filter" "$DIR/rundir" "$DIR/sasl"

cat >"$DIR/etc/inn.conf" <<X
mta: "/bin/true %s"
organization: interop
domain: example.test
fromhost: example.test
pathhost: news.example.test
server: 127.0.0.1
runasuser: $OWNER
runasgroup: $GROUP
bindaddress: 127.0.0.1
port: $PORT
nnrpdpostport: $PORT
pathnews: /usr/lib/news
pathbin: $programs
pathetc: $DIR/etc
pathfilter: $DIR/filter
pathdb: $DIR/db
pathlog: $DIR/log
pathrun: $DIR/rundir
pathspool: $DIR/spool
pathtmp: $DIR/spool/incoming/tmp
pathhttp: $DIR/log
hismethod: hisv6
ovmethod: tradindexed
enableoverview: true
extraoverviewadvertised: [ Newsgroups Injection-Date ]
artcutoff: 0
maxartsize: 20000000
localmaxartsize: 20000000
maxconnections: 100
pgpverify: false
docancels: none
allownewnews: true
doinnwatch: false
nnrpdloadlimit: 0
nicekids: 0
nicenewnews: 0
nicennrpd: 0
syntaxchecks: [ no-laxmid ]
tlscafile: $DIR/tls/ca.pem
tlscapath: $DIR/tls
tlscertfile: $DIR/tls/fullchain.pem
tlskeyfile: $DIR/tls/news.key
X
# name, highest and lowest number, who may post
cat >"$DIR/db/active" <<X
control 0000000000 0000000001 n
control.cancel 0000000000 0000000001 n
junk 0000000000 0000000001 n
netkit.big 0000000000 0000000001 y
netkit.binaries 0000000000 0000000001 y
netkit.cross 0000000000 0000000001 y
netkit.empty 0000000000 0000000001 y
netkit.größe 0000000000 0000000001 y
netkit.kinds 0000000000 0000000001 y
netkit.moderated 0000000000 0000000001 m
netkit.posts 0000000000 0000000001 y
netkit.private 0000000000 0000000001 y
netkit.readonly 0000000000 0000000001 n
netkit.sparse 0004000000 0004000001 y
netkit.test 0000000000 0000000001 y
netkit.utf8 0000000000 0000000001 y
X
printf '%s\t%s\n' netkit.big '1,500 articles' netkit.test 'For tests' netkit.utf8 'Grüße und 日本語' \
  netkit.größe 'A name in UTF-8' netkit.moderated 'A moderated group (Moderated)' >"$DIR/db/newsgroups"
sed -n "s/^\(netkit[^ ]*\) .*/\1 $(date +%s) admin@example.test/p" "$DIR/db/active" >"$DIR/db/active.times"
: >"$DIR/db/history"
cd "$DIR/etc"
printf '%s\n' netkit.test netkit.big >subscriptions
printf 'Message of the day.\nSecond line: Grüße.\n' >motd.nnrpd
printf 'ME:*,!junk,!control,!control.*::\n' >newsfeeds
printf 'streaming: true\nmax-connections: 50\nhold-time: 0\npeer feeder {\n  hostname: "127.0.0.1"\n}\n' >incoming.conf
printf 'method tradspool {\n  newsgroups: *\n  class: 0\n}\n' >storage.conf
printf '/remember/:11\n*:A:1:never:never\n' >expire.ctl
printf 'all:*:*:drop\n' >control.ctl
printf '*:moderator@example.test\n' >moderators
printf '10:netkit.*:world\n' >distrib.pats
printf 'world\tEverywhere\n' >distributions
: >passwd.nntp
: >localgroups

cat >readers.conf <<X
auth "here" {
  hosts: "127.0.0.1"
  auth: "ckpasswd -f $DIR/etc/passwords"
  default: "<anonymous>"
}
access "anonymous" {
  users: "<anonymous>"
  newsgroups: "*,!netkit.private,!junk,!control*"
  access: RN
}
access "known" {
  users: "alice,bob,jürgen,*@*"
  newsgroups: "*"
  access: RPN
}
access "moderator" {
  users: "alice,alice@*"
  newsgroups: "*"
  access: RPNA
}
X
cat >readers-strict.conf <<X
auth "here" {
  hosts: "127.0.0.1"
  require_encryption: true
  auth: "ckpasswd -f $DIR/etc/passwords"
  default: "<nobody>"
}
access "known" {
  users: "alice,bob,jürgen,*@*"
  newsgroups: "*"
  access: RPN
}
X
secret() { # USER PASSWORD : for AUTHINFO USER, and for SASL
  echo "$1:$(openssl passwd -5 "$2")" >>passwords
  printf %s "$2" | saslpasswd2 -p -c -u "$(hostname)" -f "$DIR/sasl/sasldb2" "$1"
}
secret alice 'alice-pw1'
secret bob 'bob pw 2'
secret jürgen 'pässwörd'
cat >"$DIR/sasl/INN.conf" <<X
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: $DIR/sasl/sasldb2
mech_list: PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256
X
cp "$DIR/tls/server.key" "$DIR/tls/news.key"
chmod 600 "$DIR/tls/news.key"
chmod 640 passwords incoming.conf passwd.nntp readers.conf readers-strict.conf
own "$DIR"

export INNCONF="$DIR/etc/inn.conf" SASL_CONF_PATH="$DIR/sasl" HOME="$DIR"
as_news() { $BECOME "$@"; }
(cd "$DIR/db" && as_news $programs/makedbz -i -o -s 20000)
# shellcheck disable=SC2086
run() { spawn "$1" $BECOME "$programs/$2" $3; }
# innd hears a signal only when something else wakes it
cat >"$DIR/run/stop" <<X
#!/bin/sh
INNCONF=$INNCONF exec $BECOME $programs/ctlinnd -s -t 5 shutdown stop
X
chmod 755 "$DIR/run/stop"
run innd innd "-f -N -P $PORT"
run nnrpd nnrpd "-D -f -b 127.0.0.1 -p $((PORT + 1))"
run nnrpds nnrpd "-D -f -b 127.0.0.1 -p $((PORT + 2)) -S"
run nnrpd-strict nnrpd "-D -f -b 127.0.0.1 -p $((PORT + 3)) -c readers-strict.conf"
await "$PORT"
"$PYTHON" "$LIB/../inn2/seed.py" "$PORT" "$DIR/manifest.json" || {
  sh "$LIB/stop.sh" "$DIR"
  die "seeding failed"
}
# holes in netkit.sparse
for number in 0 1 10 11 12 29; do as_news $programs/ctlinnd -s cancel "<sparse.$number@seed.example.test>"; done
await "$((PORT + 1))" "$((PORT + 2))" "$((PORT + 3))"
echo "{\"ports\":{\"feed\":$PORT,\"nntp\":$((PORT + 1)),\"nntps\":$((PORT + 2)),\"strict\":$((PORT + 3))},\
\"ca\":\"$DIR/tls/ca.pem\",\"manifest\":\"$DIR/manifest.json\"}"
