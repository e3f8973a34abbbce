// Reading the proof that a request carries. Nothing is decided here but what is written there.
'use strict';

const {Code, VerificationError, malformed} = require('./errors');
const {lower, trim, isToken} = require('./request');
const {isHex} = require('./keys');

const ALGORITHMS = new Map([['SDK-HMAC-SHA256', 'hmac'], ['SDK-AES-128-CFB', 'aes'], ['SDK-AES-256-CFB', 'aes'], ['SDK-RSA-SHA256', 'public_key'],
  ['SDK-ECDSA-P256-SHA256', 'public_key']]);
const BASIC_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const ISO_DATE = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/;
const PARAMETERS = /^Access=([\x21-\x2b\x2d-\x7e]+),[ \t]?SignedHeaders=([\x21-\x2b\x2d-\x7e]+),[ \t]?Signature=([\x21-\x2b\x2d-\x7e]+)$/;

/** Unix seconds. */
function parseDate(text, form) {
  const found = form.exec(text);
  if (found === null) throw malformed('the date is not of the form that the format wants');
  const [year, month, day, hour, minute, second] = found.slice(1).map(Number);
  const date = new Date(Date.UTC(2000, month - 1, day, hour, minute, second));
  date.setUTCFullYear(year, month - 1, day); // Date.UTC takes the years 0 to 99 for those of the last century
  const read = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()];
  if (read.join() !== [year, month, day, hour, minute, second].join()) throw malformed('the date is none of the calendar');
  return date.getTime() / 1000;
}

function splitNames(listed, separator) {
  const names = listed.split(separator);
  if (new Set(names.map(lower)).size < names.length || !names.every(isToken)) {
    throw malformed('the list of signed headers holds a name twice, or one that is none');
  }
  return names;
}

function lowerNames(listed) {
  if (listed !== lower(listed)) throw malformed('the list of signed headers holds a name that is not in lower case');
  return splitNames(listed, ';');
}

/** The header of hmac, basic, aes and public_key. */
function readAuthorization(value, types) {
  const mark = value.indexOf(' ');
  const [word, rest] = mark < 0 ? [value, ''] : [value.slice(0, mark), trim(value.slice(mark + 1))];
  const type = lower(word) === 'basic' ? 'basic' : ALGORITHMS.get(word);
  if (!types.has(type)) throw new VerificationError(Code.ALGORITHM_NOT_ALLOWED, 'a proof for which there is no key here');
  if (type === 'basic') return readBasic(rest);
  const found = PARAMETERS.exec(rest);
  if (found === null) throw malformed('not Access, SignedHeaders and Signature in this order');
  return {type, algorithm: word, keyId: found[1], names: lowerNames(found[2]), signature: found[3]};
}

function readBasic(token) {
  const pair = Buffer.from(token, 'base64');
  if (pair.toString('base64') !== token) throw malformed('Basic without base64');
  const colon = pair.indexOf(':');
  if (colon < 0) throw malformed('Basic without a colon');
  return {type: 'basic', keyId: pair.subarray(0, colon).toString(), names: [], signature: pair.subarray(colon + 1)};
}

/** X-Bce-Gateway-Auth. */
function readBce(value) {
  const parts = value.split('/');
  if (parts[0] !== 'bce-auth-v1') throw new VerificationError(Code.ALGORITHM_NOT_ALLOWED, 'not bce-auth-v1');
  if (parts.length !== 6 || parts[1] === '') throw malformed('not the six parts of bce-auth-v1');
  const [, keyId, date, lifetime, names, signature] = parts;
  if (!/^[1-9]\d{0,9}$/.test(lifetime) || Number(lifetime) > 2147483647) throw malformed('the expiration is no number of seconds');
  if (!isHex(signature, 64)) throw malformed('the signature is not 64 lower-case hex digits');
  return {type: 'bce', keyId, signature, names: names === '' ? [] : lowerNames(names), date: parseDate(date, ISO_DATE),
    lifetime: Number(lifetime), prefix: parts.slice(0, 4).join('/')};
}

/** X-Ca-Proxy-Signature and the two headers beside it. */
function readAliyun(request, value) {
  const [ids, lists] = ['Secret-Key', 'Headers'].map((name) => request.values(`X-Ca-Proxy-Signature-${name}`));
  if (ids.length !== 1 || lists.length > 1 || ids[0] === '') {
    throw malformed('X-Ca-Proxy-Signature-Secret-Key and -Headers must stand there once');
  }
  const spelled = lists.length === 0 || lists[0] === '' ? [] : splitNames(lists[0], ',');
  return {type: 'aliyun', keyId: ids[0], signature: value, spelled, names: spelled.map(lower)};
}

module.exports = {BASIC_DATE, parseDate, readAuthorization, readBce, readAliyun};
