// Countersign: prove that a request came through the gateway, and sign requests to it.
// Formats, options and errors are described in ../README.md. The formats of aes and public_key keys are this gateway's own.
'use strict';

const {Code, VerificationError} = require('./lib/errors');
const {Request} = require('./lib/request');
const {Key} = require('./lib/keys');
const {Verifier} = require('./lib/verifier');
const {signAliyunCa, signSdkHmac, signBce} = require('./lib/signing');
const {express} = require('./lib/express');
const {guarded, signedFetch} = require('./lib/fetch');

module.exports = {Code, VerificationError, Request, Key, Verifier, signAliyunCa, signSdkHmac, signBce, express, guarded, signedFetch};
