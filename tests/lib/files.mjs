// Small files of every type that may be uploaded, made here byte by byte, and the archives that some of them are.
import zlib from 'node:zlib';

const u16 = (n) => Buffer.from([n & 255, n >> 8]);
const u32 = (n) => Buffer.concat([u16(n & 0xffff), u16(n >>> 16)]);
const be32 = (n) => Buffer.from([n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);

const TABLE = Array.from({length: 256}, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});
const crc32 = (bytes) => ~bytes.reduce((crc, byte) => TABLE[(crc ^ byte) & 255] ^ (crc >>> 8), ~0) >>> 0;

// A ZIP archive of [name, text] entries; the first is stored as it is, the others deflated.
export function zip(entries) {
  const files = [];
  const directory = [];
  let offset = 0;
  for (const [i, [name, text]] of entries.entries()) {
    const raw = Buffer.from(text);
    const data = i === 0 ? raw : zlib.deflateRawSync(raw);
    const facts = Buffer.concat([u16(i === 0 ? 0 : 8), u32(0), u32(crc32(raw)), u32(data.length), u32(raw.length),
      u16(Buffer.byteLength(name)), u16(0)]);
    const file = Buffer.concat([Buffer.from('PK\x03\x04'), u16(20), u16(0), facts, Buffer.from(name), data]);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02'), u16(20), u16(20), u16(0), facts, Buffer.alloc(10), u32(offset),
      Buffer.from(name)]));
    files.push(file);
    offset += file.length;
  }
  const listed = Buffer.concat(directory);
  return Buffer.concat([...files, listed, Buffer.from('PK\x05\x06'), u32(0), u16(entries.length), u16(entries.length),
    u32(listed.length), u32(offset), u16(0)]);
}

const pdf = Buffer.from(`%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj
trailer<</Root 1 0 R>>
%%EOF
`);

const jpeg = Buffer.from('ffd8ffe000104a46494600010101004800480000ffdb0043000302020302020303030304030304050805050404050a07'
  + '0706080c0a0c0c0b0a0b0b0d0e12100d0e110e0b0b1016101113141515150c0f171816141812141514ffc0000b08000100010101110'
  + '0ffc40014000100000000000000000000000000000009ffc40014100100000000000000000000000000000000ffda0008010100003f'
  + '002a9fffd9', 'hex');

const chunk = (type, data) => {
  const body = Buffer.concat([Buffer.from(type), data]);
  return Buffer.concat([be32(data.length), body, be32(crc32(body))]);
};
const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
  chunk('IHDR', Buffer.concat([be32(1), be32(1), Buffer.from([8, 0, 0, 0, 0])])),
  chunk('IDAT', zlib.deflateSync(Buffer.from([0, 0]))), chunk('IEND', Buffer.alloc(0))]);

const riff = (kind, body) => Buffer.concat([Buffer.from('RIFF'), u32(4 + body.length), Buffer.from(kind), body]);
const webp = riff('WEBP', Buffer.concat([Buffer.from('VP8L'), u32(14),
  Buffer.from('2f000000100710111188880800', 'hex'), Buffer.alloc(1)]));
const wav = riff('WAVE', Buffer.concat([Buffer.from('fmt '), u32(16), u16(1), u16(1), u32(8000), u32(8000), u16(1), u16(8),
  Buffer.from('data'), u32(4), Buffer.alloc(4, 128)]));

const mp3 = Buffer.concat(Array.from({length: 4}, () => Buffer.concat([Buffer.from('fffb9064', 'hex'), Buffer.alloc(413)])));

const ogg = Buffer.concat([Buffer.from('OggS'), Buffer.from([0, 2]), Buffer.alloc(8), u32(1), u32(0), u32(0), Buffer.from([1, 30]),
  Buffer.from('\x01vorbis', 'latin1'), u32(0), Buffer.from([1]), u32(44100), u32(0), u32(64000), u32(0),
  Buffer.from([0xb8, 1])]);

const m4a = Buffer.concat([be32(24), Buffer.from('ftypM4A '), be32(0), Buffer.from('M4A mp42'), be32(8), Buffer.from('mdat')]);

const box = (name, ...content) => {
  const body = Buffer.concat(content);
  return Buffer.concat([be32(8 + body.length), Buffer.from(name), body]);
};
// The same with a length of 64 bits, as recorders write what may grow long.
const longBox = (name, ...content) => {
  const body = Buffer.concat(content);
  return Buffer.concat([be32(1), Buffer.from(name), be32(0), be32(16 + body.length), body]);
};
// An MP4 file as phones write it: its brand says nothing, its tracks ('soun', 'vide') do.
export const mp4 = (tracks, {brand = 'mp42', isLong = false} = {}) => Buffer.concat([
  box('ftyp', Buffer.from(`${brand}\0\0\0\0isommp42`)), (isLong ? longBox : box)('mdat', Buffer.alloc(100)), box('moov', box('mvhd', Buffer.alloc(100)), ...tracks.map((kind) =>
    box('trak', box('tkhd', Buffer.alloc(84)), box('mdia', box('hdlr', Buffer.alloc(8), Buffer.from(kind), Buffer.alloc(13))))))]);

export const docx = (more = []) => zip([
  ['[Content_Types].xml', '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'],
  ['_rels/.rels', '<Relationships/>'], ['word/document.xml', '<w:document/>'], ...more,
]);

export const odt = (type = 'application/vnd.oasis.opendocument.text') => zip([
  ['mimetype', type], ['content.xml', '<office:document-content/>'], ['META-INF/manifest.xml', '<manifest:manifest/>'],
]);

export const SAMPLES = {
  'application/pdf': {bytes: pdf, extension: 'pdf'},
  'image/jpeg': {bytes: jpeg, extension: 'jpg'},
  'image/png': {bytes: png, extension: 'png'},
  'image/webp': {bytes: webp, extension: 'webp'},
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': {bytes: docx(), extension: 'docx'},
  'application/vnd.oasis.opendocument.text': {bytes: odt(), extension: 'odt'},
  'audio/mpeg': {bytes: mp3, extension: 'mp3'},
  'audio/ogg': {bytes: ogg, extension: 'ogg'},
  'audio/wav': {bytes: wav, extension: 'wav'},
  'audio/mp4': {bytes: m4a, extension: 'm4a'},
};
