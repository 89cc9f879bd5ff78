// SPDX-License-Identifier: Apache-2.0
//
// The report's data as it lies in the page: JSON, or base64 of gzipped JSON where it is large. Both
// elements are of a type that browsers do not run.

/** Thrown with a key of the string tables, so that the reader is told what to do. */
export class DataError extends Error {
  constructor(key, detail) {
    super(`${key}: ${detail}`);
    this.key = key;
    this.detail = String(detail);
  }
}

const SLICE = 1 << 20;

/* Base64 to bytes in slices of 4-character groups, so that no second copy of all of it is needed. */
function decodeBase64(text) {
  const clean = text.replace(/\s+/g, '');
  const parts = [];
  for (let at = 0; at < clean.length; at += SLICE) {
    const raw = atob(clean.slice(at, at + SLICE));
    const bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i += 1) bytes[i] = raw.charCodeAt(i);
    parts.push(bytes);
  }
  return new Blob(parts);
}

async function inflate(element) {
  if (typeof DecompressionStream !== 'function') {
    throw new DataError('error.noInflate', 'DecompressionStream');
  }
  const stream = decodeBase64(element.textContent)
    .stream()
    .pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).text();
}

/** Reads the data out of `doc` and takes the element away, to free its memory. */
export async function loadData(doc) {
  const packed = doc.getElementById('sek-data-gz');
  const element = packed ?? doc.getElementById('sek-data');
  if (!element) throw new DataError('error.noData', 'sek-data');
  try {
    const data = JSON.parse(packed ? await inflate(packed) : element.textContent);
    element.remove();
    return data;
  } catch (error) {
    throw error instanceof DataError ? error : new DataError('error.badData', error.message);
  }
}
