#!/bin/sh
# dovecot: POP3 and IMAP. Its users are in etc/users, and what they have is said in seed.py.
#   PORT      pop3, with STLS
#   PORT + 1  pop3s
#   PORT + 2  pop3 on 127.0.0.2: no password before TLS
#   PORT + 3  imap, with STARTTLS
#   PORT + 4  imaps
#   PORT + 5  imap on 127.0.0.2: no password before TLS
. "$(dirname "$0")/../lib/common.sh"
need dovecot openssl setsid setpriv
begin "$@"
certificates
owner mail
"$PYTHON" "$(dirname "$0")/seed.py" "$DIR"
# dovecot takes two ends of the same address for a safe connection: for the strict ones it has another
strict=127.0.0.2

cat >"$DIR/etc/users" <<'X'
alice:{PLAIN}alice-pw 1
bob:{PLAIN}bob"pw\2
jürgen:{PLAIN}pässwörd
empty:{PLAIN}empty-pw
expired:{PLAIN}expired-pw::::::nologin=y reason=Account_expired
X
for number in 0 1 2 3 4 5 6 7; do echo "spare$number:{PLAIN}spare-pw"; done >>"$DIR/etc/users"

# for XOAUTH2 and OAUTHBEARER: a token that dovecot can verify by itself
secret=interop-oauth-secret-0123456789abcdef
mkdir -p "$DIR/etc/jwt/interop/HS256"
printf %s "$secret" | openssl base64 -A >"$DIR/etc/jwt/interop/HS256/default"
cat >"$DIR/etc/oauth2" <<X
introspection_mode = local
local_validation_key_dict = fs:posix:prefix=$DIR/etc/jwt/
username_attribute = sub
username_format = %Ln
X
base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
now=$(date +%s)
claims="{\"azp\":\"interop\",\"sub\":\"alice\",\"iat\":$now,\"nbf\":$((now - 60)),\"exp\":$((now + 86400))}"
signed=$(printf '{"alg":"HS256","typ":"JWT"}' | base64url).$(printf %s "$claims" | base64url)
token=$signed.$(printf %s "$signed" | openssl dgst -sha256 -hmac "$secret" -binary | base64url)

listener() { # NAME PORT [LINE]
  printf '  inet_listener %s {\n    port = %s\n    %s\n  }\n' "$1" "$2" "${3:-}"
}
cat >"$DIR/etc/dovecot.conf" <<X
protocols = pop3 imap
listen = 127.0.0.1
base_dir = $DIR/run/dovecot
state_dir = $DIR/run/dovecot
log_path = $DIR/log/dovecot
auth_verbose = yes
default_internal_user = $OWNER
default_internal_group = $GROUP
default_login_user = $OWNER
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:~/Maildir
mail_max_userip_connections = 200
login_greeting = Dovecot interop ready.
hostname = mail.example.test
auth_mechanisms = plain login apop cram-md5 scram-sha-1 scram-sha-256 xoauth2 oauthbearer external
auth_username_chars =
auth_ssl_username_from_cert = yes
auth_failure_delay = 0
disable_plaintext_auth = no
local $strict {
  disable_plaintext_auth = yes
}
ssl = yes
ssl_cert = <$DIR/tls/fullchain.pem
ssl_key = <$DIR/tls/server.key
ssl_ca = <$DIR/tls/ca.pem
ssl_verify_client_cert = yes
ssl_require_crl = no
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = $DIR/etc/oauth2
}
passdb {
  driver = static
  mechanisms = external
  args = nopassword=y
}
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%Ln $DIR/etc/users
}
userdb {
  driver = static
  args = uid=$(id -u "$OWNER") gid=$(id -g "$OWNER") home=$DIR/mail/%n allow_all_users=yes
}
namespace inbox {
  inbox = yes
  separator = /
}
service pop3-login {
  chroot =
  service_count = 0
$(listener pop3 "$PORT")
$(listener pop3s "$((PORT + 1))" 'ssl = yes')
$(listener pop3-strict "$((PORT + 2))" "address = $strict")
}
service imap-login {
  chroot =
  service_count = 0
$(listener imap "$((PORT + 3))")
$(listener imaps "$((PORT + 4))" 'ssl = yes')
$(listener imap-strict "$((PORT + 5))" "address = $strict")
}
# wrong passwords are answered at once, however many there were
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
X
own "$DIR/mail" "$DIR/etc" "$DIR/run" "$DIR/log"
# shellcheck disable=SC2086 # a list of words
spawn out $BECOME dovecot -F -c "$DIR/etc/dovecot.conf"
await "$PORT" "$((PORT + 1))" "$strict:$((PORT + 2))" "$((PORT + 3))" "$((PORT + 4))" "$strict:$((PORT + 5))"
echo "{\"ports\":{\"pop3\":$PORT,\"pop3s\":$((PORT + 1)),\"pop3Strict\":$((PORT + 2)),\
\"imap\":$((PORT + 3)),\"imaps\":$((PORT + 4)),\"imapStrict\":$((PORT + 5))},\"strict\":\"$strict\",\
\"ca\":\"$DIR/tls/ca.pem\",\"clientCert\":\"$DIR/tls/client.pem\",\"clientKey\":\"$DIR/tls/client.key\",\
\"token\":\"$token\",\"manifest\":\"$DIR/manifest.json\"}"
