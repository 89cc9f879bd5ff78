// SPDX-License-Identifier: Apache-2.0
//
// An event's XML set on lines. The only thing added is white space between a tag and the next tag;
// tags and text stay exact, character for character. It is a reader of tags, not a parser: what it
// does not understand it leaves as it is. No recursion, so depth costs nothing.

const INDENT = '  ';
const MAX_INDENT = 40;

/*
 * Splits into tokens: {kind: 'open'|'close'|'empty'|'other'|'text', text}. A ">" inside a quoted
 * attribute does not end a tag. What follows a "<" that never ends is text.
 */
export function splitXml(xml) {
  const tokens = [];
  let at = 0;
  while (at < xml.length) {
    if (xml[at] !== '<') {
      const next = xml.indexOf('<', at);
      const end = next < 0 ? xml.length : next;
      tokens.push({ kind: 'text', text: xml.slice(at, end) });
      at = end;
      continue;
    }
    const end = tagEnd(xml, at);
    if (end < 0) {
      tokens.push({ kind: 'text', text: xml.slice(at) });
      break;
    }
    tokens.push({ kind: tagKind(xml, at, end), text: xml.slice(at, end) });
    at = end;
  }
  return tokens;
}

function tagEnd(xml, at) {
  for (const [start, stop] of [
    [`<!${'--'}`, '-->'],
    ['<![CDATA[', ']]>'],
    ['<?', '?>'],
  ]) {
    if (xml.startsWith(start, at)) {
      const found = xml.indexOf(stop, at + start.length);
      return found < 0 ? -1 : found + stop.length;
    }
  }
  let quote = '';
  for (let i = at + 1; i < xml.length; i += 1) {
    const c = xml[i];
    if (quote) {
      if (c === quote) quote = '';
    } else if (c === '"' || c === "'") {
      quote = c;
    } else if (c === '>') {
      return i + 1;
    }
  }
  return -1;
}

function tagKind(xml, at, end) {
  if (xml.startsWith('<![CDATA[', at)) return 'text';
  if (xml[at + 1] === '!' || xml[at + 1] === '?') return 'other';
  if (xml[at + 1] === '/') return 'close';
  return xml[end - 2] === '/' ? 'empty' : 'open';
}

/**
 * Lines of the XML: [{indent, tokens}]. An element whose content is text stays on one line with it;
 * text that is only white space between tags is dropped, because it stands for a line break.
 */
export function layOutXml(xml) {
  const tokens = splitXml(xml);
  const lines = [];
  let depth = 0;
  let glue = false;
  for (let i = 0; i < tokens.length; i += 1) {
    const { kind, text } = tokens[i];
    if (kind === 'text' && text.trim() === '' && !isContent(tokens, i)) {
      glue = false;
      continue;
    }
    if (kind === 'close') depth = Math.max(0, depth - 1);
    if ((kind === 'text' || glue) && lines.length) {
      lines[lines.length - 1].tokens.push(tokens[i]);
    } else {
      lines.push({ indent: INDENT.repeat(Math.min(depth, MAX_INDENT)), tokens: [tokens[i]] });
    }
    if (kind === 'open') depth += 1;
    glue = kind === 'text' || (kind === 'open' && tokens[i + 1]?.kind === 'close');
  }
  return lines;
}

/* White space is content where it fills an element alone: <Data> </Data>. */
function isContent(tokens, i) {
  return tokens[i - 1]?.kind === 'open' && tokens[i + 1]?.kind === 'close';
}
