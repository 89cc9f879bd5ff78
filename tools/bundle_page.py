#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Joins the report page's sources into one HTML template.

The page (src/report/page/) is an index.html, style sheets, ES modules and one table of words per
language. This program joins them, computes the hashes for the Content-Security-Policy, and writes

  --out-h FILE     a C header with the template in three byte arrays, for the program itself;
  --out-html FILE  the template as it is, or with --data JSON a whole page (for work on the page and
                   its tests; --gzip packs the data as the program does with large data).

The template is cut at two lines of index.html, <!--sek:plain--> and <!--sek:data-->:

  sek_page_head    up to the place for plain text inside <noscript> (may stay empty; whoever fills
                   it escapes it);
  sek_page_middle  from there to the place of the data element;
  sek_page_tail    the rest.

The data element is <script type="application/json" id="sek-data"> with "<" written as \\u003c, or
<script type="text/plain" id="sek-data-gz"> with base64 of gzip. Browsers run neither, so they need
no hash.

Modules are joined in one scope, each after those it imports. So that this stays a matter of
reading lines, the modules keep to a few forms, which are checked: imports `import { a, b } from
'./x.mjs';` on one line, exports `export function|class|const|async function NAME` at the start of a
line, no two top-level names alike in all modules, no circles.

The same input gives the same bytes. Python's standard library only.
"""

import argparse
import base64
import gzip
import hashlib
import json
import os
import re
import sys

PAGE_DIR = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'src', 'report', 'page')
ENTRY = 'main.mjs'
LANGUAGES = ('en', 'ja')
# Order matters: later sheets override earlier ones, print comes last.
STYLES = ('tokens.css', 'frame.css', 'parts.css', 'case.css', 'matrix.css', 'findings.css',
          'event.css', 'ledger.css', 'print.css')
PLAIN_MARK = '<!--sek:plain-->\n'
DATA_MARK = '<!--sek:data-->\n'

IMPORT = re.compile(r"^import \{ ([\w, ]+) \} from '\./([\w.]+)';$")
TOP_LEVEL = re.compile(r'^(export )?(?:async )?(?:function\*?|class|const|let) (\w+)')
DESTRUCTURED = re.compile(r'^(?:export )?(?:const|let) [\[{]')


class PageError(Exception):
    """A source that cannot be joined; the message says where and why."""


class Sources:
    """Reads files of the page and remembers them for the dependency file."""

    def __init__(self, root):
        self.root = root
        self.read_paths = []

    def read(self, *path):
        full = os.path.join(self.root, *path)
        self.read_paths.append(full)
        with open(full, encoding='utf-8', newline='') as file:
            text = file.read()
        if '\r' in text or '\0' in text:
            raise PageError(f'{"/".join(path)}: carriage return or NUL')
        return text


def parse_module(name, text):
    """Splits a module into (imports {module: names}, exports, top-level names, body)."""
    imports, exports, names, body = {}, set(), set(), []
    for number, line in enumerate(text.split('\n'), 1):
        where = f'js/{name}:{number}'
        if line.startswith('import'):
            match = IMPORT.match(line)
            if not match:
                raise PageError(f'{where}: import is not of the allowed form')
            imports.setdefault(match[2], set()).update(match[1].split(', '))
            continue
        match = TOP_LEVEL.match(line)
        if DESTRUCTURED.match(line) or (line.startswith('export') and not match):
            raise PageError(f'{where}: declaration is not of the allowed form')
        if match:
            if match[2] in names:
                raise PageError(f'{where}: {match[2]} is declared twice')
            names.add(match[2])
            if match[1]:
                exports.add(match[2])
                line = line[len('export '):]
        body.append(line)
    return imports, exports, names, '\n'.join(body).strip() + '\n'


def order_modules(sources):
    """Modules from the entry on, each after its imports: [(name, body)]."""
    modules, order, open_names = {}, [], []

    def visit(name):
        if name in open_names:
            raise PageError('modules import each other: ' + ' > '.join(open_names + [name]))
        if name in modules:
            return
        open_names.append(name)
        module = parse_module(name, sources.read('js', name))
        for wanted in module[0]:
            visit(wanted)
        open_names.pop()
        modules[name] = module
        order.append(name)

    visit(ENTRY)
    check_modules(modules)
    unused = set(os.listdir(os.path.join(sources.root, 'js'))) - set(order)
    if unused:
        raise PageError('never imported: ' + ', '.join(sorted(unused)))
    return [(name, modules[name][3]) for name in order]


def check_modules(modules):
    """Imports must exist, and top-level names must be unique, as all share one scope."""
    owner = {}
    for name, (imports, _exports, names, _body) in modules.items():
        for wanted, words in imports.items():
            missing = words - modules[wanted][1]
            if missing:
                lacking = ', '.join(sorted(missing))
                raise PageError(f'js/{name}: js/{wanted} does not export {lacking}')
        for word in names:
            if word in owner:
                raise PageError(f'js/{name}: {word} is also declared in js/{owner[word]}')
            owner[word] = name


def load_words(sources):
    """The tables of words by language, as JSON text; doubled keys are an error."""

    def unique(pairs):
        keys = [key for key, _ in pairs]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise PageError('a key stands twice: ' + ', '.join(twice))
        return dict(pairs)

    tables = {}
    for lang in LANGUAGES:
        tables[lang] = json.loads(sources.read('strings', f'{lang}.json'), object_pairs_hook=unique)
    for lang in LANGUAGES[1:]:
        lacking = set(tables['en']) ^ set(tables[lang])
        if lacking:
            raise PageError(f'strings/{lang}.json and en.json differ in: ' +
                            ', '.join(sorted(lacking)))
    return json.dumps(tables, ensure_ascii=False, indent=0)


def build_script(sources):
    parts = ["'use strict';\n", '(() => {\n', f'const WORDS = {load_words(sources)};\n']
    for name, body in order_modules(sources):
        parts.append(f'\n// ---- {name}\n{body}')
    parts.append('\nmain(WORDS);\n})();\n')
    return ''.join(parts)


def check_inline(kind, text):
    """An HTML parser must not see an end of the element, or a comment, inside it."""
    for bad in ('</script', '</style', '<!--', '<script'):
        if bad in text.lower():
            raise PageError(f'{kind} contains {bad}')


def csp_hash(text):
    digest = hashlib.sha256(text.encode('utf-8')).digest()
    return "'sha256-" + base64.b64encode(digest).decode('ascii') + "'"


def build_template(sources):
    """The whole template, with both marks in it."""
    style = ''.join(sources.read('css', name) for name in STYLES)
    script = build_script(sources)
    check_inline('style', style)
    check_inline('script', script)
    policy = '; '.join((
        "default-src 'none'",
        f'script-src {csp_hash(script)}',
        f'style-src {csp_hash(style)}',
        'img-src data:',
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ))
    page = sources.read('index.html')
    for mark in (PLAIN_MARK, DATA_MARK, '{{csp}}', '{{style}}', '{{script}}'):
        if page.count(mark) != 1:
            raise PageError(f'index.html must contain {mark.strip()} once')
    values = {'{{csp}}': policy, '{{style}}': style, '{{script}}': script}
    return re.sub(r'\{\{(?:csp|style|script)\}\}', lambda match: values[match[0]], page)


def cut_template(template):
    head, rest = template.split(PLAIN_MARK)
    middle, tail = rest.split(DATA_MARK)
    return {'head': head, 'middle': middle, 'tail': tail}


def data_element(data, packed):
    """The data element for a JSON value."""
    text = json.dumps(data, ensure_ascii=False, separators=(',', ':')).replace('<', '\\u003c')
    text = re.sub('[\ud800-\udfff]', lambda half: f'\\u{ord(half[0]):04x}', text)
    if not packed:
        return f'<script type="application/json" id="sek-data">{text}</script>\n'
    raw = gzip.compress(text.encode('utf-8'), 6, mtime=0)
    return ('<script type="text/plain" id="sek-data-gz">' +
            base64.b64encode(raw).decode('ascii') + '</script>\n')


C_HEAD = """\
/* SPDX-License-Identifier: Apache-2.0 */

/* The report page, made by tools/bundle_page.py from src/report/page/. A report is the head,
 * optionally plain text (escaped), the middle, the data element, and the tail. */

#pragma once

#include <stddef.h>
"""


def c_header(parts):
    lines = [C_HEAD]
    for name, text in parts.items():
        raw = text.encode('utf-8')
        lines.append(f'static const unsigned char sek_page_{name}[{len(raw)}] = {{')
        for at in range(0, len(raw), 24):
            lines.append('    ' + ','.join(str(byte) for byte in raw[at:at + 24]) + ',')
        lines += ['};', f'static const size_t sek_page_{name}_len = {len(raw)};', '']
    return '\n'.join(lines)


def write_file(path, text):
    with open(path, 'w', encoding='utf-8', newline='') as file:
        file.write(text)


def write_depfile(path, targets, sources):
    escape = lambda name: name.replace(' ', '\\ ')
    needed = [os.path.abspath(__file__)] + sources.read_paths
    write_file(path, ' '.join(map(escape, targets)) + ': ' + ' '.join(map(escape, needed)) + '\n')


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description='Joins the report page into one template.')
    parser.add_argument('--page-dir', default=PAGE_DIR, help='folder of the page sources')
    parser.add_argument('--out-h', metavar='FILE', help='write a C header')
    parser.add_argument('--out-html', metavar='FILE', help='write an HTML file')
    parser.add_argument('--data', metavar='JSON', help='data for --out-html')
    parser.add_argument('--gzip', action='store_true', help='pack the data of --out-html')
    parser.add_argument('--depfile', metavar='FILE', help='list what was read, for the build')
    options = parser.parse_args(arguments)
    if not options.out_h and not options.out_html:
        parser.error('--out-h or --out-html is needed')
    if options.data and not options.out_html:
        parser.error('--data needs --out-html')
    return options


def main(arguments):
    options = parse_arguments(arguments)
    sources = Sources(options.page_dir)
    try:
        template = build_template(sources)
        page = template
        if options.data:
            with open(options.data, encoding='utf-8') as file:
                element = data_element(json.load(file), options.gzip)
            parts = cut_template(template)
            page = parts['head'] + parts['middle'] + element + parts['tail']
    except (PageError, OSError, ValueError) as error:
        print(f'bundle_page.py: {error}', file=sys.stderr)
        return 1
    if options.out_h:
        write_file(options.out_h, c_header(cut_template(template)))
    if options.out_html:
        write_file(options.out_html, page)
    if options.depfile:
        write_depfile(options.depfile, [p for p in (options.out_h, options.out_html) if p], sources)
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
