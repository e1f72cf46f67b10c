#!/bin/sh
workload=$1
shift
for word in "$@"; do eval "${word%%=*}=${word#*=}"; done
url="http://127.0.0.1:$port"
told='{"items":1,"bytes":%{size_download}}\n'
case $workload in
  latency) exec curl -q -s -o /dev/null "$url/s[1-$n]" ;;
  many | conc)
    [ "$conc" -le 300 ] || conc=300
    exec curl -q -s -o /dev/null -Z --parallel-max "$conc" "$url/s[1-$n]"
    ;;
  stream) exec curl -q -s -o /dev/null -w "$told" "$url/n$size" ;;
  chunked) exec curl -q -s -o /dev/null -w "$told" "$url/c$size" ;;
  upload)
    file="$(dirname "$0")/../../work/upload-$size"
    [ -f "$file" ] || head -c "$size" /dev/zero > "$file"
    exec curl -q -s -o /dev/null -w '{"items":1,"bytes":%{size_upload}}\n' -H Expect: -T "$file" "$url/u"
    ;;
  *) exit 77 ;;
esac
