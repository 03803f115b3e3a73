// What a PKCS#12 file shows without its password, DER or BER: the identifiers of its private keys. Anything that is not
// as it should be throws, and the file is then none that is known.

const OID = {
  data: "2a864886f70d010701",
  encrypted: "2a864886f70d010706",
  key: "2a864886f70d010c0a0101",
  shroudedKey: "2a864886f70d010c0a0102",
  certificate: "2a864886f70d010c0a0103",
  localKeyId: "2a864886f70d010915",
};
const SEQUENCE = 0x30, SET = 0x31, EXPLICIT = 0xa0, OCTETS = 0x04, OCTETS_IN_PARTS = 0x24, NAME = 0x06;
const DEEPEST = 12, KEY_ID_LENGTH = 20;

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const need = (right) => { if (!right) throw new TypeError(); };

// One element at `at`: its tag, its content, its parts if it has any, and where the next begins.
const element = (bytes, at, depth = 0) => {
  need(depth < DEEPEST && at + 2 <= bytes.length);
  const tag = bytes[at], first = bytes[at + 1];
  need((tag & 0x1f) !== 0x1f);
  let begin = at + 2, length = first;
  if (first === 0x80) {  // until an end mark
    need(tag & 0x20);
    const parts = [];
    let next = begin;
    while (!(bytes[next] === 0 && bytes[next + 1] === 0)) {
      parts.push(element(bytes, next, depth + 1));
      next = parts.at(-1).next;
    }
    need(next + 2 <= bytes.length);
    return { tag, content: null, parts: () => parts, next: next + 2 };
  }
  if (first > 0x80) {
    const count = first & 0x7f;
    need(count <= 4 && begin + count <= bytes.length);
    length = bytes.subarray(begin, begin + count).reduce((sum, byte) => sum * 256 + byte, 0);
    begin += count;
  }
  const end = begin + length;
  need(end <= bytes.length);
  const parts = () => {
    const found = [];
    for (let next = begin; next < end; next = found.at(-1).next) found.push(element(bytes, next, depth + 1));
    need(!found.length || found.at(-1).next === end);
    return found;
  };
  return { tag, content: bytes.subarray(begin, end), parts, next: end };
};

const partsOf = (one, tag) => { need(one && one.tag === tag); return one.parts(); };
const nameOf = (one) => { need(one && one.tag === NAME); return hex(one.content); };

const octetsOf = (one) => {
  if (one?.tag === OCTETS) return one.content;
  const pieces = partsOf(one, OCTETS_IN_PARTS).map(octetsOf);
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) { whole.set(piece, at); at += piece.length; }
  return whole;
};

const whole = (bytes) => { const one = element(bytes, 0); need(one.next === bytes.length); return one; };

const keyIdOf = (attributes) => {
  const found = (attributes ? partsOf(attributes, SET) : []).map((one) => partsOf(one, SEQUENCE))
    .filter(([name]) => nameOf(name) === OID.localKeyId);
  need(found.length === 1);
  const [value] = partsOf(found[0][1], SET);
  const id = octetsOf(value);
  need(id.length === KEY_ID_LENGTH);
  return hex(id).toUpperCase();
};

// Throws where a private key does not show its identifier, and for bags of other kinds than eHealth keystores have.
const keyIds = (bytes) => {
  const ids = [];
  const [, content] = partsOf(whole(bytes), SEQUENCE);
  const [kind, authenticated] = partsOf(content, SEQUENCE);
  need(nameOf(kind) === OID.data);
  for (const safe of partsOf(whole(octetsOf(partsOf(authenticated, EXPLICIT)[0])), SEQUENCE)) {
    const [of, inside] = partsOf(safe, SEQUENCE);
    if (nameOf(of) === OID.encrypted) continue;  // certificates: nothing of them shows
    need(nameOf(of) === OID.data);
    for (const bag of partsOf(whole(octetsOf(partsOf(inside, EXPLICIT)[0])), SEQUENCE)) {
      const [what, , attributes] = partsOf(bag, SEQUENCE);
      if ([OID.key, OID.shroudedKey].includes(nameOf(what))) ids.push(keyIdOf(attributes));
      else need(nameOf(what) === OID.certificate);
    }
  }
  return ids;
};

// Whether `bytes` is a keystore all of whose private keys are among `known`, a set.
const holdsOnly = (bytes, known) => {
  try {
    const ids = keyIds(bytes);
    return ids.length > 0 && ids.every((id) => known.has(id));
  } catch {
    return false;
  }
};
