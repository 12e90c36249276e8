#!/usr/bin/env bash
# Installs a wheel with requirements-predict.txt alone, predicts, serves and stops.
#   serve_in_empty_environment.sh WHEEL CHECKOUT FOLDER
set -euo pipefail
wheel=$1 checkout=$2 folder=$3

python3 -m venv "$folder/venv"
bin=$folder/venv/bin
"$bin/pip" install -q --no-deps "$wheel"
"$bin/pip" install -q -c "$checkout/constraints.txt" -r "$checkout/requirements-predict.txt"
du -sm "$folder/venv" | awk '{print "the environment takes", $1, "MB"}'
cd "$folder"
cp "$checkout/audio/James.01.au" clip.au

"$bin/mfccclf" predict clip.au | tee predicted.out
grep -q 'clip.au: James (' predicted.out
if "$bin/mfccclf" train . -o a.mfccclf 2>train.out; then exit 1; fi
grep 'which is not installed: here is only what predicting needs' train.out

"$bin/mfccclf" serve names --port 0 >serve.out 2>serve.log &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
for _ in $(seq 100); do grep -q '^Serving' serve.out && break || sleep 0.2; done
address=$(sed -n 's/^Serving .* at //p' serve.out)
"$bin/mfccclf" predict clip.au --format json >expected.json
"$bin/python" - "$address" <<'PYTHON'
import json, sys, urllib.request
content = open("clip.au", "rb").read()
asked = urllib.request.urlopen(f"{sys.argv[1]}/v1/predict?name=clip.au", content)
assert json.load(asked) == json.load(open("expected.json")), "another answer"
print("the service answers as predict does")
PYTHON
kill -TERM "$server"
wait "$server"
tail -n 1 serve.log | grep '"stopped"'
