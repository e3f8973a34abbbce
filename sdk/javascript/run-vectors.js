// node run-vectors.js FOLDER: checks every case of the vectors (vectors/README.md). Last line: "N passed, N failed".
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const {Key, Request, VerificationError, Verifier, signAliyunCa, signBce, signSdkHmac} = require('./index');

const SIGNERS = {'aliyun-ca': [signAliyunCa, 'x-ca-signature'], 'sdk-hmac-sha256': [signSdkHmac, 'authorization'], 'bce-auth-v1': [signBce, 'authorization'],
  hmac: [signSdkHmac, 'authorization'], bce: [signBce, 'x-bce-gateway-auth']};

function readRequest(file) {
  const data = fs.readFileSync(file);
  const end = data.indexOf('\n\n');
  const [first, ...rest] = data.subarray(0, end).toString('latin1').split('\n');
  const [method, target] = first.split(' ');
  const headers = rest.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]);
  return new Request({method, target, headers, body: data.subarray(end + 2)});
}

function makeKey(known) {
  const end = {notAfter: known.not_after};
  if (known.type === 'aes') return Key.aes(known.id, known.algorithm, known.key, known.secret, end);
  if (known.type === 'public_key') return Key.publicKey(known.id, known.public_key, end);
  return Key[known.type](known.id, known.secret, end);
}

function checkTexts(folder, result) {
  for (const [name, text] of [['string-to-sign.txt', result.stringToSign], ['canonical-request.txt', result.canonicalRequest]]) {
    const file = path.join(folder, name);
    if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') !== text) return `another ${name}`;
  }
  return '';
}

function checkSigning(folder, context, signed) {
  const [sign, proof] = SIGNERS[context.type];
  const key = context.key ?? context.keys[0];
  const options = {now: context.now, signedHeaders: context.signed_headers};
  if (context.type === 'bce') options.header = 'X-Bce-Gateway-Auth';
  const result = sign(readRequest(path.join(folder, 'request.txt')), key.id, key.secret, options);
  const [, value] = result.headers.find(([name]) => name.toLowerCase() === proof);
  return value === signed.value(proof) ? checkTexts(folder, result) : `signed otherwise: ${value}`;
}

function check(folder, context, name) {
  const request = readRequest(path.join(folder, name));
  const expected = context.expect[name];
  if (expected === 'signed') return checkSigning(folder, context, request);
  const {window, accept_undated: acceptUndated, require_signed_body: requireSignedBody} = context.options;
  const verifier = new Verifier(context.keys.map(makeKey), {window, acceptUndated, requireSignedBody, clock: () => context.now});
  let verified;
  try {
    verified = verifier.verify(request);
  } catch (problem) {
    if (!(problem instanceof VerificationError)) throw problem;
    return problem.code === expected ? '' : `expected ${expected}, got ${problem.message}`;
  }
  if (expected !== 'accept') return `expected ${expected}, was accepted`;
  if (name !== 'signed-request.txt') return '';
  return checkTexts(folder, verified) || (context.signed_headers ? checkSigning(folder, context, request) : '');
}

function attempt(folder, context, name) {
  try {
    return check(folder, context, name);
  } catch (fault) { // a fault is a failed case, not the end
    return String(fault.stack);
  }
}

function main(root) {
  const count = {passed: 0, failed: 0};
  const folders = fs.readdirSync(root).flatMap((type) => {
    const inside = path.join(root, type);
    return fs.statSync(inside).isDirectory() ? fs.readdirSync(inside).map((name) => path.join(inside, name)) : [];
  });
  for (const folder of folders.sort()) {
    const file = path.join(folder, 'context.json');
    if (!fs.existsSync(file)) continue;
    const context = JSON.parse(fs.readFileSync(file, 'utf8'));
    for (const name of Object.keys(context.expect)) {
      const problem = attempt(folder, context, name);
      count[problem ? 'failed' : 'passed'] += 1;
      if (problem) console.log(`FAIL ${path.relative(root, folder)}/${name}: ${problem}`);
    }
  }
  console.log(`${count.passed} passed, ${count.failed} failed`);
  process.exitCode = count.passed > 0 && count.failed === 0 ? 0 : 1;
}

main(process.argv[2]);
