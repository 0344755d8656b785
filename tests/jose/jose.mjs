// Schwarm and the npm package jose read what the other made, and refuse the same. See README.md.
import { spawn } from 'node:child_process';
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as jose from 'jose';

const { values: options } = parseArgs({
  options: {
    program: { type: 'string', default: fileURLToPath(new URL('../../build/bin/jose_tool', import.meta.url)) },
    count: { type: 'string', default: '25' },
    seed: { type: 'string', default: '1' }
  }
});
const count = Number(options.count);
const seed = options.seed === 'random' ? Math.floor(Math.random() * 2 ** 32) : Number(options.seed);
const SIGN = 'ES256';
const AGREE = 'ECDH-ES+A256KW';
const CONTENT = 'A256GCM';

const tool = spawn(options.program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
const waiting = [];
createInterface({ input: tool.stdout }).on('line', (line) => waiting.shift()(JSON.parse(line)));
tool.on('exit', (code) => {
  if (waiting.length > 0) fail(`jose_tool ended with ${code}`);
});

function ask(request) {
  return new Promise((done) => {
    waiting.push(done);
    tool.stdin.write(`${JSON.stringify(request)}\n`);
  });
}

async function ours(request) {
  const answer = await ask(request);
  if (answer.error) throw new Error(`Schwarm: ${request.do}: ${answer.error}`);
  return answer.value;
}

function fail(reason) {
  console.error(`jose: seed ${seed}: ${reason}`);
  process.exit(1);
}

// mulberry32
let state = seed;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

function randomText() {
  const alphabet = ['a', 'ß', 'Ö', '€', '😀', '"', '\\', '\n', '\u0000', '<', ' ', '{', '}', '7'];
  const length = Math.floor(random() ** 4 * 20_000);
  let text = '';
  for (let i = 0; i < length; i += 1) text += alphabet[Math.floor(random() * alphabet.length)];
  return text;
}

const bytes = (text) => new TextEncoder().encode(text);
const decoded = (data) => new TextDecoder().decode(data);

// A key made by either side, in both forms.
async function key(use, maker) {
  const alg = use === 'sign' ? SIGN : AGREE;
  if (maker === 'ours') {
    const made = await ours({ do: 'make_key', use });
    const jwk = JSON.parse(made.jwk);
    return {
      use, jwk: made.jwk, kid: made.kid, secret: made.secret,
      public: await jose.importJWK(jwk, alg),
      private: await jose.importJWK({ ...jwk, d: made.secret }, alg),
    };
  }
  const pair = await jose.generateKeyPair(alg, { crv: 'P-256', extractable: true });
  const jwk = await jose.exportJWK(pair.publicKey);
  const kid = await jose.calculateJwkThumbprint(jwk);
  const full = JSON.stringify({ ...jwk, use: use === 'sign' ? 'sig' : 'enc', alg, kid });
  const read = await ours({ do: 'read_key', use, jwk: full });
  if (read.kid !== kid) fail(`the thumbprints differ: ${read.kid} and ${kid}`);
  return {
    use, jwk: full, kid, secret: (await jose.exportJWK(pair.privateKey)).d,
    public: pair.publicKey, private: pair.privateKey,
  };
}

const theySign = (k, type, text) =>
  new jose.CompactSign(bytes(text)).setProtectedHeader({ alg: SIGN, kid: k.kid, typ: type }).sign(k.private);
const theySeal = (k, header, text) =>
  new jose.CompactEncrypt(bytes(text))
    .setProtectedHeader({ alg: AGREE, enc: CONTENT, kid: k.kid, ...header }).encrypt(k.public);
const theyVerify = (k, text) => jose.compactVerify(text, k.public, { algorithms: [SIGN] });
const theyOpen = (k, text) =>
  jose.compactDecrypt(text, k.private, {
    keyManagementAlgorithms: [AGREE], contentEncryptionAlgorithms: [CONTENT],
  });

function same(what, got, expected) {
  if (got !== expected) fail(`${what}: ${JSON.stringify(got)} instead of ${JSON.stringify(expected)}`);
}

const tally = {
  'signed here': 0, 'signed there': 0, 'sealed here': 0, 'sealed there': 0,
  'envelopes here': 0, 'envelopes there': 0, refused: 0
};

for (let i = 0; i < count; i += 1) {
  const maker = i % 2 === 0 ? 'ours' : 'theirs';
  const signing = await key('sign', maker);
  const sealing = await key('seal', maker);
  const text = randomText();
  const header = { typ: 'test+jwe', from: `a-${i}@b`, purpose: 'Prüfung', sequence: i };

  let read = await theyVerify(signing, await ours({ do: 'sign', ...signing, type: 'test+jws', text }));
  same('signed here', decoded(read.payload), text);
  same('typ', read.protectedHeader.typ, 'test+jws');
  same('kid', read.protectedHeader.kid, await jose.calculateJwkThumbprint(JSON.parse(signing.jwk)));
  tally['signed here'] += 1;

  same('signed there',
    await ours({ do: 'verify', ...signing, type: 'test+jws', text: await theySign(signing, 'test+jws', text) }), text);
  tally['signed there'] += 1;

  read = await theyOpen(sealing, await ours({ do: 'seal', ...sealing, header, text }));
  same('sealed here', decoded(read.plaintext), text);
  for (const name of Object.keys(header)) same(name, read.protectedHeader[name], header[name]);
  tally['sealed here'] += 1;

  same('sealed there', await ours({ do: 'open', ...sealing, text: await theySeal(sealing, header, text) }), text);
  tally['sealed there'] += 1;
}

// Envelopes with a document, made and read as docs/formats/envelope.md says and with nothing else.
const SEGMENT = 65_536;
const nonce = (number, last) => {
  const out = Buffer.alloc(12);
  out.writeUInt32BE(number, 7);
  out[11] = last ? 1 : 0;
  return out;
};
function sealDocument(secret, data) {
  const segments = Math.max(1, Math.ceil(data.length / SEGMENT));
  return Array.from({ length: segments }, (_, number) => {
    const cipher = createCipheriv('aes-256-gcm', secret, nonce(number, number === segments - 1));
    const body = cipher.update(data.subarray(number * SEGMENT, (number + 1) * SEGMENT));
    cipher.final();
    return Buffer.concat([body, cipher.getAuthTag()]).toString('base64url');
  });
}
function openDocument(secret, segments) {
  return Buffer.concat(segments.map((segment, number) => {
    const sealed = Buffer.from(segment, 'base64url');
    const cipher = createDecipheriv('aes-256-gcm', secret, nonce(number, number === segments.length - 1));
    cipher.setAuthTag(sealed.subarray(-16));
    const plain = cipher.update(sealed.subarray(0, -16));
    cipher.final();
    return plain;
  }));
}
// UTC without trailing zeros in the fraction.
const instant = (milliseconds) => new Date(milliseconds).toISOString().replace(/\.?0*Z$/, 'Z');

for (let i = 0; i < count; i += 1) {
  const maker = i % 2 === 0 ? 'ours' : 'theirs';
  const sender = await key('sign', maker);
  const receiver = await key('seal', maker === 'ours' ? 'theirs' : 'ours');
  const routing = {
    from: 'kfz-leipzig@lecos', to: 'kfz-aachen@regioit', type: 'ikfz/test', conversation: `c-${i}`, id: `m-${i}`,
    sequence: i, purpose: 'Prüfung', legal_basis: '§ 1 FZV'
  };
  const body = { text: randomText(), number: 1.5, list: [null, true] };
  const document = randomText().repeat(i % 5 === 0 ? 40 : 1);

  const made = await ours({ do: 'make_envelope', ...sender, receiver: receiver.jwk, ...routing, body, document });
  const opened = await theyOpen(receiver, made.jwe);
  same('typ', opened.protectedHeader.typ, 'schwarm-message+jwe');
  const verified = await theyVerify(sender, decoded(opened.plaintext));
  same('typ', verified.protectedHeader.typ, 'schwarm-message+jws');
  const message = JSON.parse(decoded(verified.payload));
  for (const name of ['version', 'time', ...Object.keys(routing)]) same(name, opened.protectedHeader[name], message[name]);
  same('body', JSON.stringify(message.body), JSON.stringify(body));
  const plain = openDocument(Buffer.from(message.documents[0].key, 'base64url'), made.segments);
  same('document', plain.toString(), document);
  same('sha256', message.documents[0].sha256, createHash('sha256').update(plain).digest('base64url'));
  same('length', message.documents[0].length, plain.length);
  tally['envelopes here'] += 1;

  const data = Buffer.from(document);
  const secret = randomBytes(32);
  const header = { version: 1, ...routing, time: instant(Date.now()) };
  const payload = {
    ...header, expires: instant(Date.now() + 86_400_000), body,
    documents: [{
      id: 'd1', type: 'text/plain', length: data.length, key: secret.toString('base64url'),
      sha256: createHash('sha256').update(data).digest('base64url')
    }]
  };
  const jws = await theySign(sender, 'schwarm-message+jws', JSON.stringify(payload));
  const jwe = await theySeal(receiver, { typ: 'schwarm-message+jwe', ...header }, jws);
  const got = await ours({
    do: 'open_envelope', ...receiver, sender: sender.jwk, to: routing.to, text: jwe, segments: sealDocument(secret, data)
  });
  same('from', got.from, routing.from);
  same('body', JSON.stringify(got.body), JSON.stringify(body));
  same('document', got.document, document);
  tally['envelopes there'] += 1;
}

// Both refuse. Each side is also shown something good, so that a refusal means what it says.
async function refused(what, k, text) {
  const request = k.use === 'sign' ? { do: 'verify', ...k, type: 'test+jws', text } : { do: 'open', ...k, text };
  if (!(await ask(request)).error) fail(`Schwarm accepts: ${what}`);
  const accepted = await (k.use === 'sign' ? theyVerify(k, text) : theyOpen(k, text)).then(() => true, () => false);
  if (accepted) fail(`the other library accepts: ${what}`);
  tally.refused += 1;
}

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const withHeader = (text, change) => {
  const parts = text.split('.');
  const header = JSON.parse(Buffer.from(parts[0], 'base64url').toString());
  return [encode({ ...header, ...change }), ...parts.slice(1)].join('.');
};

for (const maker of ['ours', 'theirs']) {
  const signing = await key('sign', maker);
  const other = await key('sign', maker);
  const jws = await ours({ do: 'sign', ...signing, type: 'test+jws', text: 'text' });
  same('good', decoded((await theyVerify(signing, jws)).payload), 'text');
  same('good', await ours({ do: 'verify', ...signing, type: 'test+jws', text: jws }), 'text');
  await refused('a wrong key', { ...other, kid: signing.kid }, withHeader(jws, { kid: other.kid }));
  const none = withHeader(jws, { alg: 'none' });
  await refused('alg none', signing, none);
  await refused('alg none without a signature', signing, `${none.split('.').slice(0, 2).join('.')}.`);
  const start = withHeader(jws, { alg: 'HS256' }).split('.').slice(0, 2).join('.');
  const mac = createHmac('sha256', signing.jwk).update(start).digest('base64url');
  await refused('HS256 under the public key', signing, `${start}.${mac}`);
  await refused('crit', signing, withHeader(jws, { crit: ['exp'], exp: 1 }));
  await refused('crit and b64', signing, withHeader(jws, { crit: ['b64'], b64: false }));
  for (let i = 0; i < count; i += 1) {
    const at = Math.floor(random() * jws.length);
    const changed = jws.slice(0, at) + (jws[at] === 'A' ? 'Q' : 'A') + jws.slice(at + 1);
    if (jws[at] !== '.' && at !== jws.length - 1) await refused(`JWS changed at ${at}`, signing, changed);
  }

  const sealing = await key('seal', maker);
  const stranger = await key('seal', maker);
  const jwe = await ours({ do: 'seal', ...sealing, header: { typ: 'test+jwe' }, text: 'text' });
  same('good', decoded((await theyOpen(sealing, jwe)).plaintext), 'text');
  same('good', await ours({ do: 'open', ...sealing, text: jwe }), 'text');
  await refused('another receiver', stranger, withHeader(jwe, { kid: stranger.kid }));
  for (const change of [{ alg: 'none' }, { alg: 'dir' }, { alg: 'ECDH-ES' }, { alg: 'RSA-OAEP' }, { enc: 'A128GCM' },
    { enc: 'A256CBC-HS512' }, { zip: 'DEF' }, { crit: ['exp'], exp: 1 }, { epk: undefined }]) {
    await refused(JSON.stringify(change), sealing, withHeader(jwe, change));
  }
  for (let i = 0; i < count; i += 1) {
    const at = Math.floor(random() * jwe.length);
    const changed = jwe.slice(0, at) + (jwe[at] === 'A' ? 'Q' : 'A') + jwe.slice(at + 1);
    if (jwe[at] !== '.' && at !== jwe.length - 1) await refused(`JWE changed at ${at}`, sealing, changed);
  }
  // What the table does not hold, but the other library knows: only Schwarm refuses.
  const weak = await new jose.CompactEncrypt(bytes('text'))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A128GCM', kid: sealing.kid }).encrypt(sealing.public);
  if (!(await ask({ do: 'open', ...sealing, text: weak })).error) fail('Schwarm accepts ECDH-ES with A128GCM');
}

tool.stdin.end();
console.log(`jose: seed ${seed}: ${Object.entries(tally).map(([name, n]) => `${n} ${name}`).join(', ')}`);
if (Object.values(tally).some((n) => n < 20)) fail('too few cases');
