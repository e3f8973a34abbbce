// node --test: the adapters, keys that are none, options. The formats are checked by run-vectors.js.
'use strict';

const assert = require('node:assert/strict');
const http = require('node:http');
const {test} = require('node:test');
const {Code, Key, Request: Plain, VerificationError, Verifier, express, guarded, signAliyunCa, signBce, signSdkHmac, signedFetch} = require('./index');

const KEY = ['signature_key1', 'signature_secret1-0123456789'];
const verifier = (options) => new Verifier([Key.hmac(...KEY)], options);
const signing = (send) => signedFetch(signSdkHmac, ...KEY, {signedHeaders: ['x-countersign-app']}, send);
const CALLER = {'X-Countersign-App': 'app-1'};

/** Runs `use(base)` while a server with the middleware listens; its handler answers the caller and the body that it reads. */
async function serving(options, use) {
  const guard = express(verifier(), options);
  const server = http.createServer((req, res) => guard(req, res, async (fault) => {
    if (fault) return res.writeHead(500).end(String(fault));
    const chunks = [];
    req.on('data', (chunk) => chunks.push(chunk));
    req.on('end', () => res.end(`${req.countersign.caller} ${Buffer.concat(chunks)} ${req.rawBody.length}`));
  }));
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  try {
    await use(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function said(response) {
  return [response.status, await response.text()];
}

test('the middleware hands on the caller and the whole body', () => serving({}, async (base) => {
  const send = signing();
  assert.deepEqual(await said(await send(`${base}/a%20b?x=1%2F2&b`, {method: 'POST', body: 'hello', headers: CALLER})), [200, 'app-1 hello 5']);
  assert.deepEqual(await said(await send(`${base}/`, {headers: CALLER})), [200, 'app-1  0']);
}));

test('the middleware refuses what was changed', () => serving({}, async (base) => {
  const changing = signing((url, init) => fetch(url, {...init, body: 'hellx'}));
  assert.deepEqual(await said(await changing(base, {method: 'POST', body: 'hello', headers: CALLER})), [401, '{"error":"signature_mismatch"}']);
  assert.deepEqual(await said(await fetch(base)), [401, '{"error":"missing"}']);
}));

test('the middleware limits the body', () => serving({maxBody: 4}, async (base) => {
  const send = signing();
  assert.equal((await send(base, {method: 'POST', body: '1234'})).status, 200);
  assert.deepEqual(await said(await send(base, {method: 'POST', body: '12345'})), [413, '{"error":"body_too_large"}']);
}));

test('the middleware sees a header that is there twice', () => serving({}, async (base) => {
  const {port} = new URL(base);
  const unsigned = new Plain({method: 'GET', target: '/', headers: [['Host', 'h'], ['X-Countersign-App', 'a']]});
  const {headers} = signSdkHmac(unsigned, ...KEY, {signedHeaders: ['x-countersign-app']});
  const flat = [...unsigned.headers, ...headers, ['X-Countersign-App', 'a'], ['Connection', 'close']].flat();
  const answer = await new Promise((done, failed) => {
    http.request({port, host: '127.0.0.1', path: '/', headers: flat, setHost: false}, (res) => {
      res.on('data', (data) => done([res.statusCode, String(data)]));
    }).on('error', failed).end();
  });
  assert.deepEqual(answer, [401, '{"error":"signed_header_missing"}']);
}));

test('a handler of the Fetch API is guarded', async () => {
  const handler = guarded(async (request, {caller}, more) => new Response(`${caller} ${await request.text()} ${more}`), verifier(), {maxBody: 5});
  const send = (change) => signing((url, init) => handler(new Request(url, {...init, ...change}), 'more'));
  const post = {method: 'POST', body: 'hello', headers: CALLER};
  assert.deepEqual(await said(await send()('http://h.internal/a%20b?x=1', post)), [200, 'app-1 hello more']);
  assert.deepEqual(await said(await send({method: 'PUT'})('http://h.internal/', post)), [401, '{"error":"signature_mismatch"}']);
  assert.deepEqual(await said(await send()('http://h.internal/', {...post, body: '123456'})), [413, '{"error":"body_too_large"}']);
});

test('what is no key is refused at once, and none shows its secret', () => {
  const wrong = [() => Key.hmac('', 'secret'), () => Key.hmac('key', ''), () => Key.aes('id', 'aes-192-cfb', 'k'.repeat(24), 'v'.repeat(16)),
    () => Key.aes('id', 'aes-128-cfb', 'k'.repeat(32), 'v'.repeat(16)), () => Key.publicKey('id', 'AAAA'), () => new Verifier([])];
  for (const make of wrong) assert.throws(make, TypeError);
  assert.ok(!JSON.stringify(Key.hmac(...KEY)).includes(KEY[1]));
});

test('the clock is the system\'s unless told otherwise, and the proof may stand elsewhere', () => {
  const unsigned = new Plain({method: 'GET', target: '/', headers: [['Host', 'h']]});
  const signed = unsigned.with(signSdkHmac(unsigned, ...KEY).headers);
  assert.equal(verifier().verify(signed).keyId, KEY[0]);
  const late = verifier({clock: () => Date.now() / 1000 + 1000});
  assert.throws(() => late.verify(signed), (problem) => problem instanceof VerificationError && problem.code === Code.EXPIRED);
  const elsewhere = new Plain({method: 'GET', target: '/', headers: signed.headers.map(([name, value]) => [name === 'Authorization' ? 'X-Sign' : name, value])});
  assert.equal(verifier({proofHeader: 'X-Sign'}).verify(elsewhere).keyId, KEY[0]);
  assert.throws(() => verifier().verify(elsewhere), (problem) => problem.code === Code.MISSING);
});

test('what nobody could verify is not signed', () => {
  for (const sign of [signAliyunCa, signSdkHmac, signBce]) {
    for (const target of ['/caf\u00e9', '/a?b=%4']) {
      assert.throws(() => sign(new Plain({method: 'GET', target, headers: [['Host', 'h']]}), 'key', 'secret'), TypeError);
    }
  }
  assert.throws(() => signAliyunCa(new Plain({method: 'GET', target: '/?a=1&a=2', headers: []}), 'key', 'secret'), TypeError);
});
