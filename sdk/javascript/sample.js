// node sample.js PORT: a backend that believes the gateway only. Its keys are in the environment (../README.md).
'use strict';

const http = require('node:http');
const {Key, Verifier, express} = require('./index');

// While the gateway's key is changed: the one that signs now, and the one that follows.
function keysOfEnvironment() {
  const {COUNTERSIGN_ID: id, COUNTERSIGN_SECRET: secret, COUNTERSIGN_KEY: key} = process.env;
  const {COUNTERSIGN_NEXT_ID: nextId = id, COUNTERSIGN_NEXT_SECRET: nextSecret, COUNTERSIGN_NEXT_KEY: nextKey} = process.env;
  const keys = [keyOf(id, secret, key)];
  if (nextSecret !== undefined || nextKey !== undefined) keys.push(keyOf(nextId, nextSecret ?? secret, nextKey ?? key));
  return keys;
}

function keyOf(id, secret, key) {
  const {COUNTERSIGN_TYPE: type = 'hmac', COUNTERSIGN_ALGORITHM: algorithm} = process.env;
  if (type === 'aes') return Key.aes(id, algorithm, key, secret);
  if (type === 'public_key') return Key.publicKey(id, key);
  if (!['hmac', 'basic', 'bce', 'aliyun'].includes(type)) throw new TypeError(`COUNTERSIGN_TYPE ${type} is none`);
  return Key[type](id, secret);
}

async function serve(req, res) {
  let size = 0;
  for await (const chunk of req) size += chunk.length;
  const {type, keyId, caller} = req.countersign;
  res.setHeader('Content-Type', 'application/json');
  res.end(JSON.stringify({verified: true, type, key_id: keyId, caller, method: req.method, target: req.url, body_bytes: size}));
}

const guard = express(new Verifier(keysOfEnvironment()));
const server = http.createServer((req, res) => guard(req, res, (fault) => {
  if (fault === undefined) return serve(req, res);
  return res.writeHead(500).end();
}));
server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log(`listening at http://127.0.0.1:${server.address().port}`));
