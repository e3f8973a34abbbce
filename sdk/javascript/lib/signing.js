// Signing a client's request, in the three schemes that the gateway admits.
'use strict';

const {randomUUID} = require('node:crypto');
const {VerificationError} = require('./errors');
const {Request, lower} = require('./request');
const {mac, hexMac} = require('./keys');
const texts = require('./texts');

function prepared(request) {
  if (/[^\0-\x7f]/.test(request.target)) throw new TypeError('the target must be percent-encoded');
  return new Request({method: request.method.toUpperCase(), target: request.target, headers: request.headers, body: request.body});
}

function namesOf(request, wanted) {
  return [...new Set(wanted.map(lower))].filter((name) => request.has(name)).sort(texts.compare);
}

/** A request that no verifier could read is the caller's mistake here. */
function make(text) {
  try {
    return text();
  } catch (problem) {
    if (problem instanceof VerificationError) throw new TypeError(problem.detail);
    throw problem;
  }
}

function signed(headers, text, canonical = '') {
  const asUtf8 = (latin) => Buffer.from(latin, 'latin1').toString('utf8');
  return {headers, stringToSign: asUtf8(text), canonicalRequest: asUtf8(canonical)};
}

const isoDate = (now) => new Date(Math.floor(now) * 1000).toISOString().replace('.000Z', 'Z');
const basicDate = (now) => isoDate(now).replace(/[-:]/g, '');
const clock = () => Date.now() / 1000;

/** Signs with X-Ca-Signature, HmacSHA256. Query and form must not repeat a name. */
function signAliyunCa(unsigned, id, secret, {now = clock(), signedHeaders = []} = {}) {
  let request = prepared(unsigned);
  const own = [['Accept', '*/*'], ['X-Ca-Timestamp', String(Math.round(now * 1000))], ['X-Ca-Nonce', randomUUID()]];
  const added = [['X-Ca-Key', id], ...own.filter(([name]) => !request.has(name))];
  if (request.body.length > 0 && !request.isForm() && !request.has('Content-MD5')) added.push(['Content-MD5', texts.contentMd5(request.body)]);
  request = request.with(added);
  const names = namesOf(request, ['x-ca-key', 'x-ca-timestamp', 'x-ca-nonce', ...signedHeaders]);
  const text = make(() => texts.caText(request, names));
  return signed([...added, ['X-Ca-Signature-Headers', names.join(',')], ['X-Ca-Signature', mac(secret, text).toString('base64')]], text);
}

/** Signs with SDK-HMAC-SHA256. */
function signSdkHmac(unsigned, id, secret, {now = clock(), signedHeaders = []} = {}) {
  let request = prepared(unsigned);
  const added = request.has('X-Sdk-Date') ? [] : [['X-Sdk-Date', basicDate(now)]];
  request = request.with(added);
  const names = namesOf(request, ['host', 'x-sdk-date', texts.PAYLOAD, ...signedHeaders]);
  const canonical = make(() => texts.sdkCanonical(request, names));
  const text = texts.sdkText('SDK-HMAC-SHA256', request, canonical);
  const proof = `SDK-HMAC-SHA256 Access=${id}, SignedHeaders=${names.join(';')}, Signature=${hexMac(secret, text)}`;
  return signed([...added, ['Authorization', proof]], text, canonical);
}

/** Signs with bce-auth-v1. The body is covered only by a header x-bce-content-sha256 that the request has. */
function signBce(unsigned, id, secret, {now = clock(), signedHeaders = [], expiration = 1800, header = 'Authorization'} = {}) {
  const request = prepared(unsigned);
  const own = request.headers.map(([name]) => lower(name)).filter((name) => name.startsWith('x-bce-') && name !== lower(header));
  const names = namesOf(request, ['host', 'content-type', 'content-md5', ...own, ...signedHeaders]);
  const text = make(() => texts.bceText(request, names));
  const prefix = `bce-auth-v1/${id}/${isoDate(now)}/${expiration}`;
  return signed([[header, `${prefix}/${names.join(';')}/${hexMac(hexMac(secret, prefix), text)}`]], text);
}

module.exports = {signAliyunCa, signSdkHmac, signBce};
