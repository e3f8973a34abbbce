// The texts that are signed, format by format (../../README.md, "The formats, exactly"). Text of one byte a character.
'use strict';

const {createHash} = require('node:crypto');
const {malformed} = require('./errors');
const {lower, decode, encode, encodePath, latin} = require('./request');

const PAYLOAD = 'x-sdk-content-sha256';
const UNSIGNED = 'UNSIGNED-PAYLOAD';

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

function pairsOf(text, read = decode) {
  return text.split('&').filter((item) => item !== '').map((item) => {
    const mark = item.indexOf('=');
    return mark < 0 ? [read(item), ''] : [read(item.slice(0, mark)), read(item.slice(mark + 1))];
  });
}

const sorted = (pairs) => pairs.sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]));

function rawPath(request) {
  if (request.path !== '' && !request.path.startsWith('/')) throw malformed('a target that does not begin with /');
  latin(request.target);
  return request.path;
}

const hexDigest = (data) => createHash('sha256').update(data).digest('hex');
const contentMd5 = (data) => createHash('md5').update(data).digest('base64');
const lines = (request, names) => names.map((name) => `${lower(name)}:${request.value(name)}\n`).join('');

/** The canonical request of hmac, aes, public_key and sdk-hmac-sha256. */
function sdkCanonical(request, names) {
  const path = encodePath(decode(rawPath(request)));
  const query = sorted(pairsOf(request.query).filter(([name]) => name !== '')).map(([name, value]) => `${encode(name)}=${encode(value)}`);
  const payload = request.value(PAYLOAD) || hexDigest(request.body);
  const slash = path.endsWith('/') ? '' : '/';
  return [request.method, path + slash, query.join('&'), lines(request, names), names.join(';'), payload].join('\n');
}

const sdkText = (algorithm, request, canonical) => [algorithm, request.value('x-sdk-date'), hexDigest(latin(canonical))].join('\n');

/** The text of bce and bce-auth-v1. */
function bceText(request, names) {
  const path = encodePath(decode(rawPath(request))) || '/';
  const pairs = pairsOf(request.query).filter(([name]) => lower(name) !== 'authorization');
  const query = pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).sort(compare);
  const headers = names.filter((name) => request.value(name) !== '').map((name) => `${name}:${encode(request.value(name))}`).sort(compare);
  return [request.method, path, query.join('&'), headers.join('\n')].join('\n');
}

/** Those of the query and of a form, sorted by name. Of a repeated name only one value could be signed. */
function parameters(request) {
  const read = (text) => decode(text.replace(/\+/g, ' '));
  const pairs = [...pairsOf(request.query, read), ...(request.isForm() ? pairsOf(request.body.toString('latin1'), read) : [])];
  if (new Set(pairs.map(([name]) => name)).size < pairs.length) {
    throw malformed('a repeated parameter name, of which one value alone would be signed');
  }
  return sorted(pairs);
}

function resource(request, bareEmpty) {
  const items = parameters(request).map(([name, value]) => (bareEmpty && value === '' ? name : `${name}=${value}`));
  return rawPath(request) + (items.length > 0 ? '?' + items.join('&') : '');
}

const aliyunCoversBody = (request) => request.method === 'POST' || request.method === 'PUT' || request.isForm();

/** The text of aliyun; `declared`: the names as the list spells them. */
function aliyunText(request, declared) {
  const digest = aliyunCoversBody(request) && !request.isForm() && request.body.length > 0 ? contentMd5(request.body) : '';
  return `${request.method}\n${digest}\n${lines(request, [...declared].sort(compare))}${resource(request, false)}`;
}

/** The text of aliyun-ca; `names` in lower case, sorted. */
function caText(request, names) {
  const fixed = ['accept', 'content-md5', 'content-type', 'date'].map((name) => request.value(name) + '\n').join('');
  return `${request.method}\n${fixed}${lines(request, names)}${resource(request, true)}`;
}

module.exports = {PAYLOAD, UNSIGNED, compare, hexDigest, contentMd5, sdkCanonical, sdkText, bceText, aliyunCoversBody, aliyunText, caText};
