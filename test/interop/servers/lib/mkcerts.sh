#!/bin/sh
# mkcerts.sh DIR - makes, once, the certificates that the servers share:
#   ca.pem                    what a client trusts
#   server.pem, server.key    localhost, 127.0.0.1, 127.0.0.2, ::1; fullchain.pem has the authority behind it
#   expired.pem               the same, until yesterday
#   wronghost.pem             the same, for wrong.example.test
#   selfsigned.pem            the same, signed by itself
#   client.pem, client.key    a client's, CN=alice
set -eu
[ ! -f "$1/made" ] || exit 0
mkdir -p "$1"
cd "$1"
exec >mkcerts.log 2>&1

authority="/O=netkit interop/CN=netkit interop test CA"
here="DNS:localhost,IP:127.0.0.1,IP:127.0.0.2,IP:0:0:0:0:0:0:0:1"
yesterday=$(date -u -d yesterday +%Y%m%d000000Z)
later=$(date -u -d '30 days' +%Y%m%d000000Z)

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.pem -subj "$authority" \
  -days 30 -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
openssl genrsa -out server.key 2048
openssl genrsa -out client.key 2048

serial=1000
sign() { # NAME KEY COMMON-NAME ALTERNATIVE-NAMES USAGE FROM TO
  serial=$((serial + 1))
  mkdir "$1.ca"
  : >"$1.ca/index.txt"
  echo "$serial" >"$1.ca/serial"
  cat >"$1.ca/config" <<X
[ca]
default_ca = authority
[authority]
database = $1.ca/index.txt
serial = $1.ca/serial
new_certs_dir = $1.ca
default_md = sha256
policy = policy
[policy]
organizationName = optional
commonName = supplied
[extensions]
basicConstraints = CA:FALSE
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
keyUsage = digitalSignature,keyEncipherment
extendedKeyUsage = $5
subjectAltName = $4
X
  openssl req -new -key "$2" -subj "/O=netkit interop/CN=$3" -out "$1.ca/request"
  openssl ca -batch -notext -config "$1.ca/config" -extensions extensions -cert ca.pem -keyfile ca.key \
    -in "$1.ca/request" -out "$1.pem" -startdate "$6" -enddate "$7"
  rm -rf "$1.ca"
}
sign server server.key localhost "$here" serverAuth "$yesterday" "$later"
sign expired server.key localhost "$here" serverAuth 20200101000000Z "$yesterday"
sign wronghost server.key wrong.example.test DNS:wrong.example.test serverAuth "$yesterday" "$later"
sign client client.key alice email:alice@example.test clientAuth "$yesterday" "$later"
openssl req -x509 -key server.key -subj /CN=localhost -addext "subjectAltName=$here" -days 30 -out selfsigned.pem
cat server.pem ca.pem >fullchain.pem
openssl verify -CAfile ca.pem server.pem
chmod 644 ./*.pem ./*.key
: >made
