// A middleware for Express, Connect and node:http: app.use(express(verifier)).
'use strict';

const {Readable} = require('node:stream');
const {VerificationError} = require('./errors');
const {Request} = require('./request');

const DEFAULT_MAX_BODY = 12 * 1024 * 1024;
// What a reader of the body calls; each is answered by a stream that has the whole body.
const READING = ['on', 'once', 'addListener', 'prependListener', 'removeListener', 'off', 'removeAllListeners', 'listeners', 'listenerCount', 'emit',
  'pipe', 'unpipe', 'read', 'resume', 'pause', 'isPaused', 'setEncoding', Symbol.asyncIterator];

/** Answers 401 to what the gateway did not sign. Handlers find `req.countersign` (Verified) and `req.rawBody`; parsers of the body
 * that come after it work as ever. It must stand before them. */
function express(verifier, {maxBody = DEFAULT_MAX_BODY} = {}) {
  return (req, res, next) => {
    collect(req, maxBody).then((body) => {
      if (body === null) return answer(res, 413, 'body_too_large');
      try {
        req.countersign = verifier.verify(requestOf(req, body));
      } catch (problem) {
        if (problem instanceof VerificationError) return answer(res, 401, problem.code);
        throw problem;
      }
      req.rawBody = body;
      replay(req, body);
      return next();
    }).catch(next);
  };
}

/** The body, or null when it is larger than the limit. */
async function collect(req, limit) {
  const chunks = [];
  let size = 0;
  for await (const chunk of req) {
    size += chunk.length;
    if (size > limit) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function requestOf(req, body) {
  const headers = [];
  for (let i = 0; i < req.rawHeaders.length; i += 2) headers.push([req.rawHeaders[i], req.rawHeaders[i + 1]]);
  // Express cuts the mount point off req.url and keeps the target in originalUrl.
  return new Request({method: req.method, target: req.originalUrl ?? req.url, headers, body});
}

function replay(req, body) {
  const stream = Readable.from(body.length > 0 ? [body] : [], {objectMode: false});
  for (const name of READING) {
    Object.defineProperty(req, name, {configurable: true, writable: true, value: (...values) => {
      const result = stream[name](...values);
      return result === stream ? req : result;
    }});
  }
  for (const name of ['readable', 'readableEnded', 'readableFlowing']) {
    Object.defineProperty(req, name, {configurable: true, get: () => stream[name]});
  }
}

function answer(res, status, code) {
  const text = JSON.stringify({error: code});
  const close = status === 413 ? {Connection: 'close'} : {};
  res.writeHead(status, {'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), ...close});
  res.end(text);
}

module.exports = {express, DEFAULT_MAX_BODY};
