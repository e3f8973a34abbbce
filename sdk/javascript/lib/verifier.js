// Verifying that a request came through the gateway, unchanged and just now.
'use strict';

const {Code, VerificationError, malformed} = require('./errors');
const {BASIC_DATE, parseDate, readAuthorization, readBce, readAliyun} = require('./proofs');
const {equal, isHex} = require('./keys');
const texts = require('./texts');

const DEFAULT_WINDOW = 900;
const AUTHORIZATION = ['hmac', 'basic', 'aes', 'public_key'];
const CALLER = ['x-countersign-app', 'x-mse-consumer', 'x-countersign-user'];
const isSdk = (type) => type === 'hmac' || type === 'aes' || type === 'public_key';
const asUtf8 = (text) => Buffer.from(text, 'latin1').toString('utf8');
const refuse = (code, detail) => new VerificationError(code, detail);

/** What is known of a verified request. `app`, `consumer`, `requestId`: as the gateway told them, or ''. */
class Verified {
  constructor(request, proof, text, canonical) {
    const told = (name) => (proof.type === 'basic' || proof.names.includes(name) ? request.value(name) : '');
    this.type = proof.type;
    this.keyId = proof.keyId;
    this.signedHeaders = proof.names;
    this.app = told('x-countersign-app');
    this.consumer = told('x-mse-consumer');
    this.requestId = told('x-request-id');
    this.caller = this.app || this.consumer;
    this.stringToSign = asUtf8(text);
    this.canonicalRequest = asUtf8(canonical);
  }
}

class Verifier {
  #keys;
  #types;
  #options;

  /** `keys`: those that hold now. Options: window (seconds), clock (gives Unix seconds), requireSignedBody, acceptUndated, proofHeader. */
  constructor(keys, {window = DEFAULT_WINDOW, clock = () => Date.now() / 1000, requireSignedBody = false, acceptUndated = false,
    proofHeader = 'Authorization'} = {}) {
    if (!Array.isArray(keys) || keys.length === 0) throw new TypeError('a verifier needs a key');
    this.#keys = [...keys];
    this.#types = new Set(keys.map((key) => key.type));
    this.#options = {window, clock, requireSignedBody, acceptUndated, proofHeader};
  }

  /** A Verified; throws VerificationError. */
  verify(request) {
    const now = this.#options.clock();
    const proof = this.#read(request);
    const keys = this.#liveKeys(proof, now);
    let [text, canonical] = ['', ''];
    if (proof.type !== 'basic') {
      this.#checkSignedHeaders(request, proof);
      this.#checkTime(proof, now);
      [text, canonical] = textsOf(request, proof);
    }
    // Every key is tried, so that the time does not tell which one it was.
    if (!keys.map((key) => key.proves(text, proof)).includes(true)) {
      throw refuse(Code.SIGNATURE_MISMATCH, `the signature is not that of ${asUtf8(canonical || text).replaceAll('\n', '|')}`);
    }
    this.#checkBody(request, proof);
    return new Verified(request, proof, text, canonical);
  }

  #read(request) {
    const places = [
      [AUTHORIZATION, this.#options.proofHeader, (value) => readAuthorization(value, this.#types)],
      [['bce'], 'X-Bce-Gateway-Auth', readBce],
      [['aliyun'], 'X-Ca-Proxy-Signature', (value) => readAliyun(request, value)],
    ];
    const wanted = places.filter(([types]) => types.some((type) => this.#types.has(type)));
    const found = wanted.flatMap(([, name, read]) => request.values(name).map((value) => [value, read]));
    if (found.length === 0) throw refuse(Code.MISSING, 'no proof');
    if (found.length > 1) throw malformed('more than one proof');
    const [[value, read]] = found;
    return read(value);
  }

  #liveKeys(proof, now) {
    const live = this.#keys.filter((key) => key.type === proof.type && key.id === proof.keyId && key.holds(Math.floor(now)));
    if (live.length === 0) throw refuse(Code.UNKNOWN_KEY, 'no key of this id that holds');
    const fitting = live.filter((key) => key.algorithm === proof.algorithm);
    if (fitting.length === 0) throw refuse(Code.ALGORITHM_NOT_ALLOWED, `${proof.algorithm} is not the algorithm of this key`);
    return fitting;
  }

  #checkSignedHeaders(request, proof) {
    for (const name of proof.names) {
      if (request.values(name).length !== 1) throw refuse(Code.SIGNED_HEADER_MISSING, `${name} is signed, and not there exactly once`);
    }
    for (const name of this.#mustBeSigned(request, proof)) {
      if (!proof.names.includes(name)) throw refuse(Code.SIGNED_HEADER_MISSING, `${name} is not signed`);
    }
    if (isSdk(proof.type)) {
      proof.date = parseDate(request.value('x-sdk-date'), BASIC_DATE);
      checkPayloadWord(request.values(texts.PAYLOAD));
    } else if (proof.type === 'aliyun' && proof.names.includes('x-ca-timestamp')) {
      const stamp = request.value('x-ca-timestamp');
      if (!/^\d{13}$/.test(stamp)) throw malformed('X-Ca-Timestamp is no number of milliseconds');
      proof.date = Number(stamp) / 1000;
    }
  }

  #mustBeSigned(request, proof) {
    const names = CALLER.filter((name) => request.has(name));
    if (proof.type !== 'aliyun') names.push('host');
    else if (!this.#options.acceptUndated || request.has('x-ca-timestamp')) names.push('x-ca-timestamp');
    if (isSdk(proof.type)) names.push('x-sdk-date', ...(request.has(texts.PAYLOAD) ? [texts.PAYLOAD] : []));
    return names;
  }

  #checkTime(proof, now) {
    if (proof.date === undefined) return;
    const off = Math.abs(now - proof.date);
    if (!(off <= this.#options.window)) throw refuse(Code.EXPIRED, `${off.toFixed(0)} seconds off`);
    if (proof.lifetime !== undefined && now >= proof.date + proof.lifetime) throw refuse(Code.EXPIRED, 'past the expiry that it carries');
  }

  #checkBody(request, proof) {
    const covered = bodyCover(request, proof);
    if (this.#options.requireSignedBody && request.body.length > 0 && !covered) {
      throw refuse(Code.BODY_MISMATCH, 'the signature does not cover the body');
    }
  }
}

/** Does the signature cover the body? Throws when a signed digest is another body's. */
function bodyCover(request, proof) {
  if (proof.type === 'aliyun') return texts.aliyunCoversBody(request);
  if (isSdk(proof.type)) {
    const declared = request.value(texts.PAYLOAD);
    if (declared !== '' && declared !== texts.UNSIGNED) checkDigest(texts.hexDigest(request.body), declared);
    return declared !== texts.UNSIGNED;
  }
  const digests = [['x-bce-content-sha256', texts.hexDigest], ['content-md5', texts.contentMd5]].filter(([name]) => proof.names.includes(name));
  for (const [name, digest] of digests) checkDigest(digest(request.body), request.value(name));
  return digests.length > 0;
}

function checkDigest(digest, declared) {
  if (!equal(digest, declared)) throw refuse(Code.BODY_MISMATCH, 'the body is not the one whose digest is signed');
}

function checkPayloadWord(values) {
  for (const value of values) {
    if (value !== texts.UNSIGNED && !isHex(value, 64)) {
      throw malformed('X-Sdk-Content-Sha256 is neither UNSIGNED-PAYLOAD nor 64 lower-case hex digits');
    }
  }
}

/** [string to sign, canonical request] */
function textsOf(request, proof) {
  if (proof.type === 'bce') return [texts.bceText(request, proof.names), ''];
  if (proof.type === 'aliyun') return [texts.aliyunText(request, proof.spelled), ''];
  const canonical = texts.sdkCanonical(request, proof.names);
  return [texts.sdkText(proof.algorithm, request, canonical), canonical];
}

module.exports = {Verifier, Verified};
