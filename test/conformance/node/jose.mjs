// Tokens by jose: a list of wishes on standard input, the tokens on standard output.
import { readFileSync } from 'node:fs';
import { SignJWT, importPKCS8 } from 'jose';

async function sign({ alg, pem, secret, kid, claims }) {
  const key = alg.startsWith('HS') ? Buffer.from(secret, 'base64') : await importPKCS8(pem, alg);
  return new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(key);
}

const tokens = [];
for (const wish of JSON.parse(readFileSync(0, 'utf8'))) tokens.push(await sign(wish));
console.log(JSON.stringify(tokens));
