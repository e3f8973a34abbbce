// A request as it stands on the wire. Text is of one byte a character (Latin-1), as Node's servers hand it over.
'use strict';

const {malformed} = require('./errors');

const lower = (name) => name.replace(/[A-Z]/g, (char) => char.toLowerCase());
const trim = (value) => value.replace(/^[ \t]+|[ \t]+$/g, '');

class Request {
  /** `target`: raw ('/a%20b?x=1'); `headers`: pairs [name, value], repeated ones repeated; `body`: a Buffer or Uint8Array. */
  constructor({method, target, headers, body}) {
    this.method = method;
    this.target = target;
    this.headers = headers.map(([name, value]) => [name, trim(value)]);
    this.body = Buffer.from(body ?? []);
    const mark = target.indexOf('?');
    this.path = mark < 0 ? target : target.slice(0, mark);
    this.query = mark < 0 ? '' : target.slice(mark + 1);
    this.index = new Map();
    for (const [name, value] of this.headers) {
      const key = lower(name);
      if (this.index.has(key)) this.index.get(key).push(value);
      else this.index.set(key, [value]);
    }
  }

  /** Every value of a header, in order. */
  values(name) {
    return this.index.get(lower(name)) ?? [];
  }

  /** The first value of a header, '' without one. */
  value(name) {
    return this.values(name)[0] ?? '';
  }

  has(name) {
    return this.index.has(lower(name));
  }

  isForm() {
    return lower(trim(this.value('content-type').split(';')[0])) === 'application/x-www-form-urlencoded';
  }

  /** A copy in which the pairs replace the headers of their names. */
  with(pairs) {
    const replaced = new Set(pairs.map(([name]) => lower(name)));
    const kept = this.headers.filter(([name]) => !replaced.has(lower(name)));
    return new Request({method: this.method, target: this.target, headers: [...kept, ...pairs], body: this.body});
  }
}

const isToken = (name) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name);

/** Percent-decodes text of one byte a character; a "%" without two hex digits is refused. */
function decode(text) {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) throw malformed('a % without two hex digits');
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits) => String.fromCharCode(parseInt(digits, 16)));
}

const escaped = (char) => '%' + char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');
const encode = (text) => text.replace(/[^A-Za-z0-9\-_.~]/g, escaped);
const encodePath = (text) => text.replace(/[^A-Za-z0-9\-_.~/]/g, escaped);

/** The bytes of text of one byte a character. */
function latin(text) {
  if (/[^\0-\xff]/.test(text)) throw malformed('a character that is no single byte');
  return Buffer.from(text, 'latin1');
}

module.exports = {Request, lower, trim, isToken, decode, encode, encodePath, latin};
