#!/bin/sh
# apache2: HTTP/1.1, HTTP/2, CGI, DAV. What it has is said in seed.py.
#   PORT      http, which offers h2c in every answer
#   PORT + 1  https, with h2
#   PORT + 2  http, another origin with the same files; /away/STATUS/… of the others leads to it
#   PORT + 3  http that closes after every answer
#   PORT + 4  https that wants a client's certificate
#   PORT + 5  https with a certificate that is over
#   PORT + 6  https with a certificate for another host
. "$(dirname "$0")/../lib/common.sh"
need apache2 openssl setsid setpriv
begin "$@"
certificates
owner www-data
modules=/usr/lib/apache2/modules
"$PYTHON" "$(dirname "$0")/seed.py" "$DIR"
mkdir -p "$DIR/dav" "$DIR/state"

# Passwords are told to openssl by its input, and no password to others on this machine.
basic() { printf '%s:%s\n' "$1" "$(printf '%s\n' "$2" | openssl passwd -apr1 -stdin)"; }
digest() { printf '%s:digest:%s\n' "$1" "$(printf '%s:digest:%s' "$1" "$2" | openssl md5 -r | cut -d' ' -f1)"; }
{
  basic alice 'alice-pw 1'
  basic bob 'bob:pw:with:colons'
  basic jürgen 'pässwörd'
} >"$DIR/etc/basic"
{
  digest alice 'alice-pw 1'
  digest jürgen 'pässwörd'
} >"$DIR/etc/digest"

site() { # OFFSET LINE... : one of the servers
  _port=$((PORT + $1))
  shift
  printf 'Listen 127.0.0.1:%s\n<VirtualHost 127.0.0.1:%s>\n' "$_port" "$_port"
  printf '  %s\n' "$@"
  echo '</VirtualHost>'
}
secured() { # CERTIFICATE
  printf 'SSLEngine on\n  SSLCertificateFile %s\n  SSLCertificateKeyFile %s' "$DIR/tls/$1.pem" "$DIR/tls/server.key"
}

{
  for module in mpm_event cgid authn_core authn_file authz_core authz_user auth_basic auth_digest alias dir mime env \
    headers filter deflate brotli ssl socache_shmcb http2 dav dav_fs; do
    echo "LoadModule ${module}_module $modules/mod_$module.so"
  done
  cat <<X
ServerRoot $DIR
ServerName localhost
PidFile $DIR/state/pid
ErrorLog $DIR/log/error
# port, client's port, protocol, request, status, octets
LogFormat "%p %{remote}p %H %m %U%q %>s %B" short
CustomLog $DIR/log/access short
DefaultRuntimeDir $DIR/state
ScriptSock $DIR/state/cgi
Mutex file:$DIR/state default
DavLockDB $DIR/state/dav
SSLSessionCache shmcb:$DIR/state/tls(512000)
ServerTokens Full
Timeout 60
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 15
StartServers 1
ServerLimit 4
ThreadsPerChild 32
MaxRequestWorkers 128
EnableSendfile Off
AcceptPathInfo On
TypesConfig /etc/mime.types
DefaultType None
DocumentRoot $DIR/root
<Directory />
  AllowOverride None
  Require all denied
</Directory>
<Directory $DIR/root>
  Options FollowSymLinks
  DirectoryIndex index.html
  Require all granted
</Directory>
AddType text/plain .latin1
AddCharset ISO-8859-1 .latin1

ScriptAlias /cgi-bin/ $DIR/cgi-bin/
<Directory $DIR/cgi-bin>
  Options +ExecCGI
  CGIPassAuth On
  Require all granted
</Directory>

Alias /dav $DIR/dav
<Directory $DIR/dav>
  Dav On
  DirectoryIndex disabled
  Require all granted
</Directory>

<Location /basic>
  AuthType Basic
  AuthName "basic"
  AuthUserFile $DIR/etc/basic
  Require valid-user
</Location>
<Location /digest>
  AuthType Digest
  AuthName "digest"
  AuthDigestDomain /digest
  AuthDigestProvider file
  AuthUserFile $DIR/etc/digest
  Require valid-user
</Location>

AddOutputFilterByType DEFLATE text/plain application/json
Alias /brotli $DIR/root
<Location /brotli>
  SetOutputFilter BROTLI_COMPRESS
</Location>
Alias /plain $DIR/root
<Location /plain>
  SetEnv no-gzip 1
</Location>

Redirect 302 /loop http://localhost:$PORT/loop
Redirect 302 /plainly http://localhost:$PORT
Redirect 302 /chain/3 /chain/2
Redirect 302 /chain/2 /chain/1
Redirect 302 /chain/1 /text.txt
Redirect 410 /gone
X
  for status in 301 302 303 307 308; do
    echo "Redirect $status /here/$status http://localhost:$PORT"
    echo "Redirect $status /away/$status http://localhost:$((PORT + 2))"
  done
  site 0 'Protocols h2c http/1.1'
  site 1 "$(secured fullchain)" 'Protocols h2 http/1.1'
  site 2 'Protocols http/1.1' 'Header always set X-Site "other"'
  site 3 'Protocols http/1.1' 'KeepAlive Off'
  site 4 "$(secured fullchain)" 'Protocols http/1.1' "SSLCACertificateFile $DIR/tls/ca.pem" 'SSLVerifyClient require' \
    'SSLOptions +StdEnvVars'
  site 5 "$(secured expired)"
  site 6 "$(secured wronghost)"
} >"$DIR/etc/apache2"
own "$DIR/dav" "$DIR/state" "$DIR/log"
# shellcheck disable=SC2086 # a command
spawn apache2 $BECOME apache2 -DFOREGROUND -f "$DIR/etc/apache2"
await "$PORT" "$((PORT + 1))" "$((PORT + 6))"
echo "{\"ports\":{\"http\":$PORT,\"https\":$((PORT + 1)),\"other\":$((PORT + 2)),\"closing\":$((PORT + 3)),\
\"certified\":$((PORT + 4)),\"expired\":$((PORT + 5)),\"wronghost\":$((PORT + 6))},\
\"ca\":\"$DIR/tls/ca.pem\",\"cert\":\"$DIR/tls/client.pem\",\"key\":\"$DIR/tls/client.key\",\
\"root\":\"$DIR/root\",\"manifest\":\"$DIR/manifest.json\"}"
