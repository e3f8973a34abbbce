// Signature keys: what a backend knows of the gateway.
'use strict';

const {createCipheriv, createHash, createHmac, createPublicKey, timingSafeEqual, verify} = require('node:crypto');
const {malformed} = require('./errors');
const {latin} = require('./request');

const mac = (secret, text) => createHmac('sha256', secret).update(latin(text)).digest();
const hexMac = (secret, text) => mac(secret, text).toString('hex');
const isHex = (text, least, most = least) => /^[0-9a-f]*$/.test(text) && text.length >= least && text.length <= most;

function equal(a, b) {
  const [left, right] = [Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1')];
  return left.length === right.length && timingSafeEqual(left, right);
}

function secretOf(secret) {
  const data = Buffer.from(secret ?? '');
  if (data.length === 0) throw new TypeError('a key needs a secret');
  return data;
}

function demandHex(signature) {
  if (!isHex(signature, 64)) throw malformed('Signature is not 64 lower-case hex digits');
}

/** Made by the static methods. `notAfter`: Unix seconds, the last second in which the key holds; without it: no end. */
class Key {
  #proves;

  constructor(type, id, algorithm, notAfter, proves) {
    if (!id) throw new TypeError('a key needs an id');
    Object.assign(this, {type, id, algorithm, notAfter});
    this.#proves = proves;
    Object.freeze(this);
  }

  holds(now) {
    return this.notAfter === undefined || now <= this.notAfter;
  }

  /** Is the proof's signature this key's over `text`? In constant time. */
  proves(text, proof) {
    return this.#proves(text, proof);
  }

  /** SDK-HMAC-SHA256. */
  static hmac(id, secret, {notAfter} = {}) {
    const key = secretOf(secret);
    return new Key('hmac', id, 'SDK-HMAC-SHA256', notAfter, (text, {signature}) => {
      demandHex(signature);
      return equal(hexMac(key, text), signature);
    });
  }

  /** User name and password. Covers nothing of the request. */
  static basic(id, secret, {notAfter} = {}) {
    const digest = (data) => createHash('sha256').update(data).digest();
    const expected = digest(secretOf(secret));
    return new Key('basic', id, undefined, notAfter, (_, {signature}) => timingSafeEqual(expected, digest(signature)));
  }

  /** This gateway's own format. `id`: that of the signature key; `algorithm`: aes-128-cfb or aes-256-cfb. */
  static aes(id, algorithm, key, vector, {notAfter} = {}) {
    const size = {'aes-128-cfb': 16, 'aes-256-cfb': 32}[algorithm];
    if (size === undefined) throw new TypeError('algorithm must be aes-128-cfb or aes-256-cfb');
    const [secret, start] = [secretOf(key), secretOf(vector)];
    if (secret.length !== size || start.length !== 16) throw new TypeError(`${algorithm} needs a key of ${size} bytes and a vector of 16`);
    return new Key('aes', id, 'SDK-' + algorithm.toUpperCase(), notAfter, (text, {signature}) => {
      demandHex(signature);
      const cipher = createCipheriv(algorithm, secret, start);
      return equal(Buffer.concat([cipher.update(mac(secret, text)), cipher.final()]).toString('hex'), signature);
    });
  }

  /** This gateway's own format. `text`: an SPKI in PEM or bare base64; RSA from 2048 bits, or ECDSA P-256. */
  static publicKey(id, text, {notAfter} = {}) {
    const bare = text.split('\n').filter((line) => !line.startsWith('-----')).join('').replace(/\s/g, '');
    let key;
    try {
      key = createPublicKey({key: Buffer.from(bare, 'base64'), format: 'der', type: 'spki'});
    } catch {
      throw new TypeError('a public key must be an SPKI, in PEM or bare base64');
    }
    const details = key.asymmetricKeyDetails;
    if (key.asymmetricKeyType === 'rsa' && details.modulusLength >= 2048) return new Key('public_key', id, 'SDK-RSA-SHA256', notAfter, rsa(key));
    if (key.asymmetricKeyType === 'ec' && details.namedCurve === 'prime256v1') {
      return new Key('public_key', id, 'SDK-ECDSA-P256-SHA256', notAfter, ecdsa(key));
    }
    throw new TypeError('a public key must be RSA from 2048 bits, or ECDSA P-256');
  }

  /** bce-auth-v1 in X-Bce-Gateway-Auth. */
  static bce(id, secret, {notAfter} = {}) {
    const key = secretOf(secret);
    return new Key('bce', id, undefined, notAfter, (text, {prefix, signature}) => equal(hexMac(hexMac(key, prefix), text), signature));
  }

  /** X-Ca-Proxy-Signature. */
  static aliyun(id, secret, {notAfter} = {}) {
    const key = secretOf(secret);
    return new Key('aliyun', id, undefined, notAfter, (text, {signature}) => {
      if (signature.length !== 44) throw malformed('X-Ca-Proxy-Signature is not the base64 of 32 bytes');
      return equal(mac(key, text).toString('base64'), signature);
    });
  }
}

function rsa(key) {
  return (text, {signature}) => {
    const data = Buffer.from(signature, 'base64');
    if (data.length === 0 || data.toString('base64') !== signature) throw malformed('Signature is not base64');
    return verify('sha256', latin(text), key, data);
  };
}

function ecdsa(key) {
  return (text, {signature}) => {
    if (!isHex(signature, 2, 144) || signature.length % 2 !== 0) throw malformed('Signature is not lower-case hex');
    return verify('sha256', latin(text), key, Buffer.from(signature, 'hex'));
  };
}

module.exports = {Key, mac, hexMac, isHex, equal};
