#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""House rules that a machine can check. usage: lint.py [ROOT]

- layers: a file includes only what tools/layers.txt allows its room
- headers: #pragma once (the public header: guards), first line is the licence
- limits: files and functions too long (tools/limits.txt lists exceptions with a reason)
- banned: calls that are unsafe, depend on the locale, or exit
- paths: no path of somebody's machine anywhere
"""
import os
import re
import subprocess
import sys

MAX_FILE, MAX_FUNCTION = 600, 60
BANNED = ('strcpy strcat sprintf vsprintf strtok gets atoi atol alloca setlocale system popen exit abort '
          '_exit tmpnam mktemp').split()
PRINTING = re.compile(r'\b(printf|puts|putchar|perror)\s*\(')
FUNCTION = re.compile(r'^[A-Za-z_][\w \*]*\b(\w+)\([^;]*$')


def read_table(path, columns):
    rows = {}
    with open(path, encoding='utf-8') as handle:
        for line in handle:
            line = line.split('#')[0].strip() if columns == 2 else line.strip()
            if line and not line.startswith('#'):
                key, _, rest = line.partition(':')
                rows[key.strip()] = rest.strip()
    return rows


def tracked(root):
    out = subprocess.run(['git', '-C', root, 'ls-files', '-co', '--exclude-standard'], capture_output=True, text=True,
                         check=True).stdout
    return [p for p in out.splitlines() if os.path.isfile(os.path.join(root, p))]


def check_layers(path, lines, layers, problems):
    room = path.split('/')[1]
    if room not in layers:
        problems.append(f'{path}: room src/{room} is not in tools/layers.txt')
        return
    allowed = set(layers[room].split()) | {room}
    for number, line in enumerate(lines, 1):
        found = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if not found:
            continue
        target = found.group(1)
        if target == 'sekisho.h' or '/' not in target:  # the public header; generated tables
            continue
        if target.split('/')[0] not in allowed:
            problems.append(f'{path}:{number}: src/{room} must not include "{target}"')


def check_length(path, lines, limits, problems):
    if len(lines) > MAX_FILE and path not in limits:
        problems.append(f'{path}: {len(lines)} lines, at most {MAX_FILE}')
    name, start = None, 0
    for number, line in enumerate(lines, 1):
        found = FUNCTION.match(line)
        if found and not line.startswith(('#', 'typedef', 'static const', 'struct', 'enum')):
            name, start = found.group(1), number
        if line.startswith('}') and name:
            if number - start > MAX_FUNCTION and f'{path} {name}' not in limits:
                problems.append(f'{path}:{start}: {name} has {number - start} lines, at most {MAX_FUNCTION}')
            name = None


def check_calls(path, text, problems):
    for name in BANNED:
        for found in re.finditer(r'(?<![\w.>])' + name + r'\s*\(', text):
            problems.append(f'{path}:{text.count(chr(10), 0, found.start()) + 1}: {name}() is banned')
    if not path.startswith(('src/cli/', 'src/web/')):
        for found in PRINTING.finditer(text):
            problems.append(f'{path}:{text.count(chr(10), 0, found.start()) + 1}: only the command line prints')


def strip_comments(text):
    text = re.sub(r'/\*.*?\*/', lambda m: re.sub(r'[^\n]', ' ', m.group(0)), text, flags=re.S)
    return re.sub(r'"(\\.|[^"\\\n])*"', '""', text)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else '.'
    layers = read_table(os.path.join(root, 'tools/layers.txt'), 2)
    limits = read_table(os.path.join(root, 'tools/limits.txt'), 1)
    problems, checked = [], 0
    for path in tracked(root):
        if path.endswith('.h') and path.startswith(('src/', 'include/', 'tools/')) or path.endswith('.c'):
            checked += 1
            with open(os.path.join(root, path), encoding='utf-8') as handle:
                text = handle.read()
            lines = text.splitlines()
            if not lines or 'SPDX-License-Identifier: Apache-2.0' not in lines[0]:
                problems.append(f'{path}:1: the first line names the licence')
            if path.startswith('src/') and path.endswith('.h') and '#pragma once' not in text:
                problems.append(f'{path}: a header begins with #pragma once')
            if path.startswith('src/'):
                check_layers(path, lines, layers, problems)
                check_calls(path, strip_comments(text), problems)
            check_length(path, lines, limits, problems)
        if not path.endswith(('.png', 'package-lock.json')):
            with open(os.path.join(root, path), encoding='utf-8', errors='replace') as handle:
                for number, line in enumerate(handle, 1):
                    if re.search(r'(^|[^A-Za-z.\w])/(work|farm|root|home/\w+)/', line) and 'lint: path' not in line:
                        problems.append(f'{path}:{number}: a path of somebody\'s machine')
    for problem in problems:
        print(problem)
    if checked < 50:
        print(f'only {checked} C files found: the lint does not see the tree')
        return 1
    print(f'{checked} C files, {len(problems)} problems')
    return 1 if problems else 0


sys.exit(main())
